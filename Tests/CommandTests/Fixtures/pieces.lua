-- Trains three times, with three rates; processes share the trainings. The last piece runs the program itself.
local kit = require "kit"
local cfg = kit.recipe { program = "dubkit", seed = 7 }

local films = kit.dataset.films {
  path = "samples/movies", seconds = 0.5, video = false, tracks = { original = "en", dub = "es" }, mel = { mels = 16 },
  workers = 1,
}

local results = kit.distribute({ 1e-3, 2e-3, 4e-3, "doctor" }, function(rate)
  if rate == "doctor" then
    return os.execute(cfg.program .. " doctor > /dev/null") == true
  end
  local encoder, loss = kit.encoder.small_audio { features = 8 }, kit.loss.nt_xent {}
  local run = kit.train {
    data = films:batches(kit.sampler.uniform { batch = 4 }), modules = { audio = encoder },
    optimizer = kit.optimizer.adamw { learning_rate = rate }, steps = 2, name = "piece",
    step = function(batch) return loss(encoder(batch.audio.original), encoder(batch.audio.dub)) end,
  }
  kit.write_json { path = run.folder .. "/rate.json", value = rate }
  return { folder = run.folder:match "[^/]*/[^/]*$", rate = rate }
end)
assert(results[4] == true)
for place = 1, 3 do print(results[place].folder:match "^[^/]*", results[place].rate) end
