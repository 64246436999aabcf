--- Reads films as a recipe would and writes the result as raw numbers, for differential.py to compare.
---
--- `list` names a text file with one film per line: its path, and the prefix OUT of its results. For each film it
--- writes OUT.json (the kit's description of the film, or its error), OUT.rgb (frames at `times`, as bytes), OUT.N.wav
--- (track N, whole) and OUT.N.K.wav (its K-th segment).
local kit = require "kit"

local cfg = kit.recipe {
  list = { "", "a text file with PATH<tab>OUT on each line", from = "ours" },
  stretches = { "0.5:0.7,1.31:0.5,2.04:0.4", "segments of sound, START:SECONDS", from = "ours" },
  times = { "0,0.04,0.5,1.5,1.02,2.2,0.98,2.9", "times of frames, in the order of reading", from = "ours" },
}

local function bytes(tensor)
  local all = {}
  for _, value in ipairs(tensor:reshape({ -1 }):values()) do
    all[#all + 1] = string.char((value * 255 + 0.5) // 1 | 0)
  end
  return table.concat(all)
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function quoted(text) return '"' .. tostring(text):gsub('[%c"\\]', " ") .. '"' end

--- One frame at a time: the order of the times is part of the trial.
local function pictures(film, out)
  local parts, errors = {}, {}
  for time in cfg.times:gmatch "[%d.]+" do
    time = tonumber(time)
    if time < film.duration - 0.02 then
      local fine, picture = pcall(film.frames, film, time, 0.02, 1)
      parts[#parts + 1] = fine and bytes(picture) or ""
      errors[#errors + 1] = fine and "null" or quoted(picture)
    end
  end
  write(out .. ".rgb", table.concat(parts))
  return "[" .. table.concat(errors, ",") .. "]"
end

local function sounds(film, out)
  local rows = {}
  for number, track in ipairs(film.tracks) do
    local fine, problem = pcall(function()
      local function save(name, ...)
        local sound = film:audio(track.language, ...)
        kit.media.write_audio { path = name, samples = sound, sample_rate = track.sample_rate }
      end
      save(("%s.%d.wav"):format(out, number), 0, nil, track.sample_rate)
      local k = 0
      for start, seconds in cfg.stretches:gmatch "([%d.]+):([%d.]+)" do
        k = k + 1
        if start + seconds <= film.duration then
          save(("%s.%d.%d.wav"):format(out, number, k), tonumber(start), tonumber(seconds), track.sample_rate)
        end
      end
    end)
    rows[#rows + 1] = ('{"index":%d,"language":%s,"rate":%d,"error":%s}'):format(
      track.index, quoted(track.language), track.sample_rate, fine and "null" or quoted(problem))
  end
  return "[" .. table.concat(rows, ",") .. "]"
end

for line in io.lines(cfg.list) do
  local path, out = line:match "^(.-)\t(.+)$"
  local fine, film = pcall(kit.media.open, { path = path })
  if not fine then
    write(out .. ".json", '{"error":' .. quoted(film) .. "}")
  else
    local shown = film.width ~= nil and pictures(film, out) or "null"
    write(out .. ".json", ('{"duration":%.9f,"width":%s,"height":%s,"pictures":%s,"tracks":%s}'):format(
      film.duration, film.width or "null", film.height or "null", shown, sounds(film, out)))
    film:close()
  end
end
