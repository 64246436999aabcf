-- A short training with CTC on rows of different lengths. Each shard cuts its rows to the longest of them.
local kit = require "kit"
local cfg = kit.recipe { steps = 3, seed = 7 }

local films = kit.dataset.films {
  path = "samples/movies", seconds = 0.5, video = false, tracks = { sound = "en" }, mel = { mels = 16 }, workers = 1,
}
local head = kit.layer.linear { 32, 6 }
local ctc = kit.loss.ctc {}

kit.train {
  name = "transcribed", data = films:batches(kit.sampler.uniform { batch = 8 }), modules = { head = head },
  optimizer = kit.optimizer.sgd { learning_rate = 0.01 }, steps = cfg.steps, checkpoint_every = 1,
  step = function(batch)
    local symbols, frames = {}, {}
    for row, id in ipairs(batch.ids) do
      local number = 0
      for digit in id:gmatch "%d" do number = number + math.tointeger(digit) end
      symbols[row], frames[row] = { 2 + number % 5, 2 + number % 3 }, 10 + number % 7
    end
    local longest = math.max(table.unpack(frames))
    local sound = batch.sound:slice(2, 1, longest)
    return ctc(head(sound:reshape { #sound, longest, -1 } * 0.05), symbols, frames)
  end,
}
