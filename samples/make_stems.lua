--- Makes the sound of sample films with speech and background in separate files, to train and measure separators.
--
--   dubkit run samples/make_stems.lua --set out=stems --set films=48 --set seconds=16 --set seed=11
--
-- Writes `background/` and `speech/`, and `stems.csv` with a line for each film and language. Every fourth film
-- is held out. The seed differs from that of the sample films.

local kit = require "kit"
local check = require "studio.check"
local film = require "studio.film"
local plan = require "studio.plan"

local cfg = kit.recipe {
  out = { "stems", "the folder to write to", from = "ours" },
  films = { 48, "how many films", from = "ours" },
  seconds = { 16.0, "length of a film", from = "ours" },
  seed = { 11, "other seeds give other films", from = "ours" },
}
check.films(cfg)

local languages = { "eng", "spa", "fra", "jpn" } -- the original first

for _, name in ipairs { "background", "speech" } do kit.make_folder { path = cfg.out .. "/" .. name } end
local random = kit.random { seed = cfg.seed }
local lines = { "background,speech,split\n" }

for number = 0, cfg.films - 1 do
  local name = ("film-%03d"):format(number + 1)
  local planned = plan.film(random, number, cfg.seconds)
  local bed, voices = film.stems(planned, random:derived("film", number), languages)
  local background = ("background/%s.flac"):format(name)
  kit.media.write_audio { path = cfg.out .. "/" .. background, samples = bed }
  for _, language in ipairs(languages) do
    local speech = ("speech/%s.%s.flac"):format(name, language)
    kit.media.write_audio { path = cfg.out .. "/" .. speech, samples = voices[language] }
    lines[#lines + 1] = ("%s,%s,%s\n"):format(background, speech, number % 4 == 3 and "held_out" or "train")
  end
  print(("%s: %s"):format(name, planned.shots[1].scene.name))
end
-- Last: where the table is, all sounds are.
kit.write_text { path = cfg.out .. "/stems.csv", text = table.concat(lines) }
