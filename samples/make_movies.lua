--- Makes short synthetic films with one track for each of four languages. The same seed gives the same films.
--
--   dubkit run samples/make_movies.lua --set out=samples/movies --set films=16 --set seconds=16 --set seed=1
--
-- In a film, video, ambience, sound events and speaker belong together; only what is said, in which language and by
-- which voice, differs between its tracks. The truth about each film goes to `labels.jsonl` next to it, which is also
-- a manifest.

local kit = require "kit"
local check = require "studio.check"
local film = require "studio.film"
local json = require "studio.json"
local labels = require "studio.labels"
local plan = require "studio.plan"

local cfg = kit.recipe {
  out = { "samples/movies", "the folder to write to", from = "ours" },
  films = { 16, "how many films", from = "ours" },
  seconds = { 16.0, "length of a film", from = "ours" },
  height = { 180, "height of a frame, which is 16 to 9; an even number", from = "ours" },
  frame_rate = { 12.5, "frames per second", from = "ours" },
  seed = { 1, "other seeds give other films", from = "ours" },
}
check.films(cfg)
check.video(cfg)

local languages = { "eng", "spa", "fra", "jpn" } -- the original first
local containers = { "mp4", "mkv" } -- alternating
local video = { height = cfg.height, width = cfg.height * 8 // 9 * 2, frame_rate = cfg.frame_rate }

kit.make_folder { path = cfg.out }
local random = kit.random { seed = cfg.seed }
local lines = {}

for number = 0, cfg.films - 1 do
  local name = ("film-%03d.%s"):format(number + 1, containers[number % #containers + 1])
  local planned = plan.film(random, number, cfg.seconds)
  local spoken = film.shoot(planned, random:derived("film", number), cfg.out .. "/" .. name, languages, video)
  lines[number + 1] = json.encode(labels.of(name, languages[1], planned, spoken)) .. "\n"
  print(("%s: %s"):format(name, planned.shots[1].scene.name))
end
kit.write_text { path = cfg.out .. "/labels.jsonl", text = table.concat(lines) }
