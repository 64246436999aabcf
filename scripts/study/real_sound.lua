--- What encoders trained on the synthetic world know of recorded sound: linear probes on the families of the recordings
--- in Debian's package sonic-pi-samples (CC0), beside the mean log-mel spectrum and fresh weights.
---
---     apt-get install sonic-pi-samples
---     dubkit run scripts/study/real_sound.lua run=study/runs/av-1,study/runs/efj-1
---
--- A file's family is what its name begins with: bass_trance_c.flac is a bass. Each of five folds is measured once.
local kit = require "kit"
local root = debug.getinfo(1, "S").source:match("^@(.*)scripts/study/[^/]*$")
if not root then error("run this by its path in the checkout, such as scripts/study/real_sound.lua", 0) end
package.path = package.path .. ";" .. root .. "samples/?.lua"
local hear = require "studio.hear"
local shell = require "studio.shell"
local sound = require "studio.sound"

local cfg = kit.recipe {
  run = { { "runs/simclr_dub" }, "folders of the runs, or of runs, of which the newest is taken", from = "ours" },
  data = { "/usr/share/sonic-pi/samples", "folder of recordings whose names begin with their class", from = "ours" },
  least = { 8, "recordings that a class has at least; others are left out", from = "ours" },
  seconds = { 3.0, "length of a sound; longer ones are cut, shorter ones end in silence", from = "ours" },
  out = { "real_sound", "folder for the task and its results", from = "ours" },
  seed = { 7, "of all randomness", from = "ours" },
}

local folds = { "fold00", "fold01", "fold02", "fold03", "fold04" }

--- The paths of the recordings by class, each list in the order of names.
local function recordings()
  local found = {}
  local listed = shell.output(("ls -- %s"):format(shell.quoted(cfg.data)))
  for name in listed:gmatch "[^\n]+" do
    local class = name:match "^(%a+)_.*%.%w+$"
    if class then
      found[class] = found[class] or {}
      table.insert(found[class], ("%s/%s"):format(cfg.data, name))
    end
  end
  return found
end

--- Writes the task: mono sounds of one length, each class spread over all folds.
local function write_task()
  local classes, sounds = {}, 0
  local task = hear.task(cfg.out .. "/tasks", "family", cfg.seconds, folds)
  kit.make_folder { path = cfg.out .. "/sounds" }
  for class, paths in pairs(recordings()) do
    if #paths >= cfg.least then classes[#classes + 1] = class end
    for n, path in ipairs(#paths >= cfg.least and paths or {}) do
      local samples = kit.media.read_audio({ path = path, sample_rate = sound.rate }):mean(2, true)
      local file = ("%s/sounds/%s.wav"):format(cfg.out, path:match "([^/]+)%.%w+$")
      local length = math.min(#samples, sound.samples(cfg.seconds))
      kit.media.write_audio { path = file, samples = sound.place(samples:slice(1, 1, length), 0, cfg.seconds) }
      task:add(folds[n % #folds + 1], file, class)
      sounds = sounds + 1
    end
  end
  local count = #classes
  if count < 2 then
    error(("%s: found %d classes with %d recordings or more, expected 2 or more: apt-get install sonic-pi-samples")
      :format(cfg.data, count, cfg.least), 0)
  end
  task:close()
  print(("%d recordings of %d families"):format(sounds, count))
end

local data
--- The accuracy of a linear probe on what an encoder makes of the sounds; `encoders` replace those of the run.
local function measure(run, encoders)
  local features = kit.embed { data = data, run = run, encoders = encoders, views = { "audio" }, batch = 32 }
  return kit.evaluate.probe {
    data = data, features = { features.audio }, probe = kit.probe.linear {}, metrics = { kit.metric.top1 {} },
    seed = cfg.seed,
  }:run().top1
end

write_task()
data = kit.dataset.hear { path = cfg.out .. "/tasks/family" }
local lines = {}
local function add(name, top1)
  lines[#lines + 1] = ("%-40s %5.1f  (%.1f to %.1f)"):format(name, 100 * top1.value, 100 * top1.low, 100 * top1.high)
end
for n, path in ipairs(cfg.run) do
  local run = kit.trained { path = path }
  if n == 1 then
    local mel = run.clips.mel
    local channels = mel.mono and 1 or 2
    add("mean log-mel", measure(run, { audio = kit.encoder.mean_log_mel { mels = mel.mels, channels = channels } }))
    add("fresh weights", measure(kit.trained { path = path, random = true }))
  end
  add(path, measure(run))
end
print "top-1, %, with the 95 % interval over sounds"
print(table.concat(lines, "\n"))
kit.write_text { path = cfg.out .. "/results.txt", text = table.concat(lines, "\n") .. "\n" }
