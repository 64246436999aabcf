--- Shoots a plan: draws its frames, makes its sounds, and writes both with one track for each language.

local kit = require "kit"
local draw = require "studio.draw"
local figure = require "studio.figure"
local signs = require "studio.signs"
local sound = require "studio.sound"
local soundtrack = require "studio.soundtrack"

local film = {}

--- Bits per second of a track, by container: AAC in mp4, which needs more, and Opus in mkv.
local bit_rates = { mp4 = 48000, mkv = 32000 }
--- Positions of things and people, in image heights from the middle to the speaker's side: within the centred square,
--- which a square crop keeps. The same numbers pan their sounds.
local stage = { speaker = 0.30, events = { -0.02, -0.34 }, sign = -0.18 }

--- Seconds since the last event at a place of the stage and until its next; 1000 if there is none in this shot.
local function distances(plan, shot, place, now)
  local age, ahead = 1000, 1000
  for _, happening in ipairs(plan.happenings) do
    local time = happening.time
    if happening.place == place and time >= shot.start and time < shot.stop then
      if time <= now then age = math.min(age, now - time) else ahead = math.min(ahead, time - now) end
    end
  end
  return age, ahead
end

--- The sign that is shown at a moment; nil for none.
local function sign_at(shown, time)
  for _, sign in ipairs(shown) do
    if time >= sign.start and time < sign.stop then return sign.sign end
  end
end

--- Draws every frame and hands it to `show`. `seen` says what the picture tells of the speech, as for `film.write`.
local function animate(plan, random, canvas, frame_rate, mouth, seen, show)
  local number, shot, backdrop, props = 0, nil, nil, nil
  for n = 1, #mouth do
    local time = (n - 1) / frame_rate
    if number == 0 or time >= shot.stop then
      number = number + 1
      shot = plan.shots[number]
      props = shot.scene.prepare(canvas, random:derived("scene", number))
      backdrop = canvas.pixels
    end
    canvas.pixels = backdrop
    shot.scene.animate(canvas, soundtrack.moment(plan, time), props)
    for place, event in ipairs(shot.events) do
      local x = canvas.aspect / 2 + stage.events[place] * plan.side
      event.paint(canvas, x, 0.70, distances(plan, shot, place, time))
    end
    local x = canvas.aspect / 2 + stage.speaker * plan.side
    figure.paint(canvas, x, seen.speaker or plan.speaker, time, mouth[n], plan.manner.gesture, seen.nearness)
    local sign = sign_at(seen.signs or {}, time)
    if sign then signs.paint(canvas, canvas.aspect / 2 + stage.sign * plan.side, 0.20, sign) end
    show(canvas.pixels:clamp(0, 1))
  end
end

--- Ambience and events of a plan, a track without speech.
function film.background(plan, random)
  local positions = {}
  for place, x in ipairs(stage.events) do positions[place] = x * plan.side * 2 end
  return soundtrack.background(plan, random, positions)
end

--- A background with a voice at the position of the plan's speaker.
function film.mixed(plan, background, voice) return background + sound.pan(voice, stage.speaker * plan.side * 2) end

--- Draws a plan's frames and writes them with finished tracks.
--
--   order    the languages of the tracks, in the file's order
--   voice    the voice that moves the speaker's mouth
--   video    height, width, frame_rate; optionally `develop`, which changes each frame, and the sound's `codec`
--   seen     what the picture tells of the speech, where that is not all: `lips`, a function of the openings of the
--            mouth; `speaker`, who is seen; `nearness` of the figure; `signs`, a list of { start, stop, sign }
--
-- Returns how far the mouth is open in each frame.
function film.write(path, plan, random, tracks, order, voice, video, seen)
  seen = seen or {}
  local mouth = soundtrack.mouth(voice, math.floor(plan.seconds * video.frame_rate + 0.5))
  if seen.lips then mouth = seen.lips(mouth) end
  local writer <close> = kit.media.film_writer {
    path = path, width = video.width, height = video.height, frame_rate = video.frame_rate, tracks = order,
    rate_factor = 32, codec = video.codec, bit_rate = not video.codec and bit_rates[path:match "%w+$"] or nil,
  }
  for _, language in ipairs(order) do writer:audio(language, tracks[language]) end
  local canvas = draw.canvas(video.height, video.width)
  local develop = video.develop or function(frame) return frame end
  animate(plan, random:derived "picture", canvas, video.frame_rate, mouth, seen, function(frame)
    writer:frame(develop(frame))
  end)
  writer:close()
  return mouth
end

--- The parts of a film's tracks, [samples, 2], as loud as in the film: the part that all
--- languages share, and the speech of each.
function film.stems(plan, random, languages)
  local _, voices = soundtrack.dialogue(plan, languages)
  local speech = {}
  for language, voice in pairs(voices) do speech[language] = sound.pan(voice, stage.speaker * plan.side * 2) end
  return film.background(plan, random), speech
end

--- Makes the film at `path`. `languages` begins with the original. Returns the lines that were spoken, with times.
function film.shoot(plan, random, path, languages, video)
  local spoken, voices = soundtrack.dialogue(plan, languages)
  local background, tracks = film.background(plan, random), {}
  for language, voice in pairs(voices) do tracks[language] = film.mixed(plan, background, voice) end
  film.write(path, plan, random, soundtrack.fitted(tracks), languages, voices[languages[1]], video)
  return spoken
end

return film
