--- Questions about files.
local files = {}

--- Whether a file is there and can be read.
function files.exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

return files
