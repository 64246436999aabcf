--- Makes the sound of sample films with speech and background in separate files, to train and measure separators.
--
--   dubkit run samples/make_stems.lua --set out=stems --set films=48 --set seconds=16 --set seed=11
--
-- Writes `background/` and `speech/`, and `stems.csv` with a line for each film and language. Every fourth film
-- is held out. The seed differs from that of the sample films.

local kit = require "kit"
local film = require "studio.film"
local plan = require "studio.plan"
local shell = require "studio.shell"

local cfg = kit.recipe {
  out = { "stems", "the folder to write to", from = "ours" },
  films = { 48, "how many films", from = "ours" },
  seconds = { 16.0, "length of a film", from = "ours" },
  seed = { 11, "other seeds give other films", from = "ours" },
}

local languages = { "eng", "spa", "fra", "jpn" } -- the original first

if not shell.run("mkdir", "-p", cfg.out .. "/background", cfg.out .. "/speech") then
  error("cannot make the folder " .. cfg.out)
end
local random = kit.random { seed = cfg.seed }
-- The table appears once all sounds are complete.
local list = cfg.out .. "/stems.csv"
local lines = assert(io.open(list .. ".part", "w"))
assert(lines:write "background,speech,split\n")

for number = 0, cfg.films - 1 do
  local name = ("film-%03d"):format(number + 1)
  local planned = plan.film(random, number, cfg.seconds)
  local bed, voices = film.stems(planned, random:derived("film", number), languages)
  local background = ("background/%s.flac"):format(name)
  kit.media.write_audio { path = cfg.out .. "/" .. background, samples = bed }
  for _, language in ipairs(languages) do
    local speech = ("speech/%s.%s.flac"):format(name, language)
    kit.media.write_audio { path = cfg.out .. "/" .. speech, samples = voices[language] }
    local line = ("%s,%s,%s\n"):format(background, speech, number % 4 == 3 and "held_out" or "train")
    assert(lines:write(line))
  end
  print(("%s: %s"):format(name, planned.shots[1].scene.name))
end
assert(lines:close())
assert(os.rename(list .. ".part", list))
