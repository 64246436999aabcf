--- Shared by the separation scripts: makes separators from the values of keys.
local kit = require "kit"

local separators = {}

--- The separator of "center" or "mask_unet=weights.safetensors", and its name.
function separators.named(text)
  local name, weights = text:match "^([%w_]+)=(.+)$"
  name = name or text
  local make = kit.separator[name] -- an unknown name is an error that lists the names
  if name ~= "center" and not weights then
    error(("separator '%s' needs weights: write %s=FILE, trained by scripts/separate/train.lua"):format(name, name), 0)
  end
  return make { weights = weights }, name
end

return separators
