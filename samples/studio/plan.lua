--- Decides what a film shows and says, before anything is drawn or spoken. A plan is plain data.
--
-- Every factor draws from its own random stream, so that one can change without the others.

local events = require "studio.events"
local manners = require "studio.manners"
local phrases = require "studio.phrases"
local scenes = require "studio.scenes"
local speakers = require "studio.speakers"

local plan = {}

--- The n-th draw (from 0) out of shuffled rounds through a list: every item comes equally often.
function plan.dealt(random, name, list, n)
  local order = random:derived(name, n // #list):permutation(#list)
  return list[order[n % #list + 1]]
end

--- `count` different items, dealt so that over many films all come about equally often.
local function dealt_distinct(random, name, list, film, count)
  local chosen, seen, n = {}, {}, film * count
  while #chosen < count do
    local item = plan.dealt(random, name, list, n)
    if not seen[item] then
      seen[item] = true
      chosen[#chosen + 1] = item
    end
    n = n + 1
  end
  return chosen
end

--- Shots of about eight seconds, each in another place and with `kinds` other things that sound.
local function shots(random, stream, film, seconds, kinds)
  local count = math.max(1, math.min(#scenes, #events // kinds, math.floor(seconds / 8 + 0.5)))
  local places = dealt_distinct(random, "scene", scenes, film, count)
  local sources = dealt_distinct(random, "event", events, film, kinds * count)
  local list, start = {}, 0
  for n = 1, count do
    local stop = n == count and seconds or seconds * n / count + stream:uniform(-1, 1)
    local here = table.move(sources, kinds * (n - 1) + 1, kinds * n, 1, {})
    list[n] = { scene = places[n], start = start, stop = stop, events = here }
    start = stop
  end
  return list
end

--- The swells of the ambience: one every two to four seconds, each with its own strength and length.
local function swells(stream, seconds)
  local list, time = {}, stream:uniform(0.3, 2)
  while time < seconds do
    list[#list + 1] = { time = time, strength = stream:uniform(0.45, 1), width = stream:uniform(0.35, 0.9) }
    time = time + stream:uniform(1.8, 3.8)
  end
  return list
end

--- Which event happens when: one of a shot's two every one or two seconds. `place` says which of them it is, `speed`
--- how much higher and shorter it sounds than it usually does.
local function happenings(stream, shots_of_film, variety)
  local list = {}
  for _, shot in ipairs(shots_of_film) do
    local time = shot.start + stream:uniform(0.2, 0.8)
    while time < shot.stop - 0.5 do
      local place = stream:integer(1, #shot.events)
      local speed = variety > 0 and 2 ^ stream:uniform(-variety, variety) or 1
      list[#list + 1] = { event = shot.events[place], place = place, time = time, speed = speed }
      time = time + stream:uniform(0.8, 2)
    end
  end
  return list
end

--- The sentences, and the pause before each.
local function lines(random, stream, film, count, pause)
  local list = {}
  for n = 1, count do
    local phrase = plan.dealt(random, "phrase", phrases, film * count + n)
    local sentence = phrase[stream:integer(1, #phrase)]
    list[n] = { phrase = phrase, sentence = sentence, pause = stream:uniform(0.5, 1.6) * pause }
  end
  return list
end

--- The plan of one film: `film` counts from 0, `random` is the stream of the whole set. `options`, with their
--- defaults:
--
--   kinds    kinds of events in a shot: 2
--   lines    sentences to be spoken, as far as they fit: one for each two seconds, and no less than 8
--   pause    how long the pauses before them are: 1
--   variety  octaves by which events of one kind differ in pitch, at most, up or down: 0
--   margin   seconds before the film's end in which nobody speaks; below 0, the last sentence may be cut: 0.2
function plan.film(random, film, seconds, options)
  options = options or {}
  local function stream(name) return random:derived(name .. " of film", film) end
  local parts = shots(random, stream "shots", film, seconds, options.kinds or 2)
  local count = options.lines or math.max(8, math.ceil(seconds / 2))
  return {
    seconds = seconds,
    margin = options.margin or 0.2,
    shots = parts,
    happenings = happenings(stream "events", parts, options.variety or 0),
    swells = swells(stream "swells", seconds),
    speaker = plan.dealt(random, "speaker", speakers, film),
    side = stream "side":uniform() < 0.5 and -1 or 1, -- side of the image where the speaker is: -1 left, 1 right
    manner = plan.dealt(random, "manner", manners, film),
    lines = lines(random, stream "lines", film, count, options.pause or 1),
  }
end

return plan
