--- Doses: how much of the speech the picture tells, 0 (nothing) to 1 (all that this world can show).

local doses = {}

--- How far the mouth is open in each frame: the share `lips` follows the speech, the rest the same openings of another
--- moment, at least a quarter of the film away, so that the mouth moves as much at any dose.
function doses.lips(mouth, share, random)
  if share >= 1 then return mouth end
  local count, moved = #mouth, {}
  local shift = random:integer(count // 4, 3 * count // 4)
  for n = 1, count do moved[n] = share * mouth[n] + (1 - share) * mouth[(n - 1 + shift) % count + 1] end
  return moved
end

--- The speaker who is seen: in the share `face` of the films, the one who is heard; in the others, any of the list.
function doses.face(speaker, speakers, share, random)
  if share >= 1 or random:uniform() < share then return speaker end
  return speakers[random:integer(1, #speakers)]
end

--- The sign that is shown during each spoken line: in the share `topic` of the lines, that of its keyword; in the
--- others, any. None if `topic` is 0. `signs` is the number of signs, and `number_of` gives a keyword's.
function doses.topic(spoken, share, signs, number_of, random)
  local list = {}
  if share <= 0 then return list end
  for n, entry in ipairs(spoken) do
    local number = random:uniform() < share and number_of(entry.line.phrase) or random:integer(1, signs)
    list[n] = { start = entry.start, stop = entry.stop, sign = number }
  end
  return list
end

return doses
