--- What the separation scripts share: separators as keys name them.
local kit = require "kit"

local separators = {}

--- The separator of "center" or "mask_unet=weights.safetensors", and its name.
function separators.named(text)
  local name, weights = text:match "^([%w_]+)=(.+)$"
  name = name or text
  local make = kit.separator[name] -- an error that knows the names, if there is none
  if name ~= "center" and not weights then
    error(("separator '%s' needs weights: write %s=FILE, trained by scripts/separate/train.lua"):format(name, name), 0)
  end
  return make { weights = weights }, name
end

return separators
