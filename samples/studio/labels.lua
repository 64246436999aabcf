--- The labels of a film, from its plan and its spoken lines: a line of a manifest, as plain data.

local labels = {}

--- Different names in the order in which they come; a lone one by itself.
local function names(list, name_of)
  local found, seen = {}, {}
  for _, item in ipairs(list) do
    local name = name_of(item)
    if not seen[name] then
      seen[name] = true
      found[#found + 1] = name
    end
  end
  return #found == 1 and found[1] or found
end

local function shots(plan)
  local list = {}
  for n, shot in ipairs(plan.shots) do list[n] = { scene = shot.scene.name, start = shot.start, stop = shot.stop } end
  return list
end

local function events(plan)
  local list = {}
  for n, happening in ipairs(plan.happenings) do list[n] = { event = happening.event.name, time = happening.time } end
  return list
end

local function speech(spoken)
  local list = {}
  for n, entry in ipairs(spoken) do
    list[n] = {
      start = entry.start, stop = entry.stop,
      keyword = entry.line.phrase.keyword, text = entry.line.sentence,
    }
  end
  return list
end

--- A line of the manifest. `file` is relative to it; `original` is the language of the film's first track. Of the
--- labels, `scene`, `event` and `keyword` name the contents; `shots`, `events` and `speech` give the times, in seconds.
function labels.of(file, original, plan, spoken)
  local name = file:match("([^/]+)%.%w+$")
  return {
    id = name, film = name, path = file, original = original,
    labels = {
      seconds = plan.seconds, speaker = plan.speaker.name, manner = plan.manner.name,
      scene = names(plan.shots, function(shot) return shot.scene.name end),
      event = names(plan.happenings, function(happening) return happening.event.name end),
      keyword = names(spoken, function(entry) return entry.line.phrase.keyword[original] end),
      shots = shots(plan), swells = plan.swells, events = events(plan), speech = speech(spoken),
    },
  }
end

return labels
