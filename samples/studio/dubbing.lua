--- Dubs that do not fit their video: late, or running slow.

local kit = require "kit"
local sound = require "studio.sound"

local dubbing = {}

--- A track [samples, 2] that begins `offset` seconds late (early below 0) and lasts 1 + `drift` times as long, cut or
--- padded with silence to its own length. Like a tape at the wrong speed, a drift changes the pitch too.
function dubbing.misplaced(track, offset, drift)
  local count = track:shape()[1]
  if drift ~= 0 then
    local name = os.tmpname()
    local path = name .. ".wav"
    kit.media.write_audio { path = path, samples = track, sample_rate = math.floor(sound.rate / (1 + drift) + 0.5) }
    track = kit.media.read_audio { path = path, sample_rate = sound.rate }
    os.remove(path)
    os.remove(name)
  end
  if offset < 0 then track = track:slice(1, sound.samples(-offset) + 1, -1) end
  track = track:slice(1, 1, math.min(count, track:shape()[1]))
  return sound.place(track, math.max(0, offset), count / sound.rate)
end

return dubbing
