--- When do dubs help? Dose and response on a world with known truth: trains with no dub, one, three, or the speech
--- removed, while the picture tells more and more of the speech (the mouth, the speaker's figure, signs of the words),
--- and measures how the differences between these systems change with the dose.
---
---     dubkit run scripts/study/when.lua out=when
---     dubkit run scripts/study/when.lua out=when factors=all seeds=2       a part, which the first command continues
---     mpirun -n 2 dubkit run scripts/study/when.lua out=when
---
--- A cell is a system with one seed, as in scripts/study/paper.lua.
local root = debug.getinfo(1, "S").source:match("^@(.*)scripts/study/[^/]*$")
if not root then error("run this by its path in the checkout, such as scripts/study/when.lua", 0) end
package.path = package.path .. ";" .. root .. "samples/?.lua"
local cells = require "cells"
local check = require "studio.check"
local doses = require "dose_rows"
local page = require "dose_page"

local cfg = cells.recipe {
  out = { "when", "folder for all files of the study", from = "ours" },
  factors = { doses.factors, "what the picture tells: lips, face, topic, or all three at once", from = "ours" },
  systems = { doses.systems, "what to train with: none, one or three dubs, or the speech removed", from = "ours" },
  doses = { { 0.33, 0.67, 1.0 }, "the doses above 0, up to 1", from = "ours" },
  seeds = { 5, "trainings of each system, with the seeds 1, 2, 3 ...", from = "ours" },
  frames = { 0, "frames of a clip; 0 takes the scale's", from = "ours" },
  size = { 0, "height and width of a frame; 0 takes the scale's", from = "ours" },
  scale = { "coarse", "size of the encoders, frames and spectrograms", from = "ours" },
  films = { 60, "films to train on", from = "ours" },
  seconds = { 24.0, "length of a film to train on", from = "ours" },
  frame_rate = { 8.0, "frames per second of the films", from = "ours" },
  nearness = { 1.4, "how large the speaker is, 1 to 1.4", from = "ours" },
  tone = { 0.9, "0 to 0.9: how strongly rooms and microphones colour the sound, at most", from = "ours" },
  reverb = { 0.8, "longest time in which a room's sound decays by 60 dB", from = "ours" },
  next_door = { 3.0, "dB by which another film's background, heard too, is softer; 0 for none", from = "ours" },
  codec = { "pcm16", "codec of the films' sound: pcm16, flac, or empty for opus, which is smaller and slower to read",
    from = "ours", choices = { "", "flac", "pcm16" } },
  effect = { 0.03, "difference for the power calculation, as a share", from = "ours" },
  lips = { 0.0, "the dose of lips in films that another factor is about", from = "ours" },
  face = { 0.0, "the dose of face in films that another factor is about", from = "ours" },
  topic = { 0.0, "the dose of topic in films that another factor is about", from = "ours" },
}

--- Checks that a key is a list of some of these words.
local function check_words(key, words)
  local is_known = {}
  for _, word in ipairs(words) do is_known[word] = true end
  check.key(cfg, key, #cfg[key] > 0, "one or more of " .. table.concat(words, ", "))
  for _, word in ipairs(cfg[key]) do
    if not is_known[word] then
      error(("key '%s' must be any of %s, but has '%s'"):format(key, table.concat(words, ", "), word), 0)
    end
  end
end
check_words("factors", doses.factors)
check_words("systems", doses.systems)
for _, dose in ipairs(cfg.doses) do
  if not (dose >= 0.01 and dose <= 1) then error(("key 'doses' must be 0.01 to 1, but has %g"):format(dose), 0) end
end

local systems = doses.chosen(cfg.systems)
local rows = doses.rows(systems, cfg.factors, cfg.doses)
local work = cells.open(cfg, {
  root = root, rows = rows,
  shared = { "films", "seconds", "probes", "swaps" },
  training = { "steps", "batch", "k", "frames", "size", "scale", "precision" },
  world = {
    "frame_rate", "codec", "nearness", "variety", "level", "tone", "reverb", "hiss", "next_door", "lips", "face",
    "topic",
  },
})
local results = cfg.results ~= "" and cfg.results or cfg.out .. "/results"
local rising = table.move(cfg.doses, 1, #cfg.doses, 2, { 0 })
table.sort(rising)
local study = {
  systems = systems, factors = cfg.factors, doses = rising, rows = rows,
  cells = function(row) return work:cells(row) end,
}
local function write() page.write(results, study, work.plan, cfg.effect) end
work:fill(rows, function() end, write)
write()
print("results: " .. results)
