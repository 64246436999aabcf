--- What a set of films that was stopped has already. A film is whole once its line of the manifest is kept, in the
--- folder `unfinished`, which goes when the set is complete.

local kit = require "kit"

local kept = {}

local Kept = {}
Kept.__index = Kept

--- The films of a set's folder that were made with the same settings. `differing` are the keys that change no film.
function kept.open(folder, settings, differing)
  local parts = {}
  for key, value in pairs(settings) do
    local text = type(value) == "table" and table.concat(value, ",") or tostring(value)
    if not differing[key] then parts[#parts + 1] = key .. "=" .. text end
  end
  table.sort(parts)
  return setmetatable({ folder = folder .. "/unfinished", settings = table.concat(parts, " "), names = {} }, Kept)
end

function Kept:path(name) return ("%s/%s.txt"):format(self.folder, name) end

--- The line of a film that is whole, at `path`; nil for others.
function Kept:line(name, path)
  self.names[#self.names + 1] = name
  local film <close> = io.open(path)
  local file <close> = film and io.open(self:path(name))
  return file and file:read() == self.settings and file:read() or nil
end

--- Keeps the line of a film that is whole.
function Kept:add(name, line)
  kit.write_text { path = self:path(name), text = ("%s\n%s\n"):format(self.settings, line) }
end

--- Removes the lines.
function Kept:close()
  if kit.is_dry_run {} then return end
  for _, name in ipairs(self.names) do os.remove(self:path(name)) end
  os.remove(self.folder)
end

return kept
