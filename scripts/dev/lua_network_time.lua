--- Times a step of ResNet-18 written in Lua (scripts/examples/resnet18.lua) and of the native one, by turns, and prints
--- the ratio of their medians.
---
---     dubkit run scripts/dev/lua_network_time.lua precision=bfloat16
local kit = require "kit"
local cfg = kit.recipe {
  batch = { 16, "frames in a batch" },
  size = { 112, "height and width of a frame" },
  rounds = { 9, "steps of each" },
  precision = { "float32", "of products: float32 or bfloat16", choices = { "float32", "bfloat16" } },
}
package.path = "scripts/examples/?.lua;" .. package.path

local x = kit.tensor.normal { cfg.batch, 1, cfg.size, cfg.size, 3, seed = 1 }
local encoders = { require "resnet18" {}, kit.encoder.resnet18 { input = "frames" } }
local function step(encoder)
  kit.autocast { function() return encoder(x):sum() end, precision = cfg.precision }:backward()
end
local times = { {}, {} }
for round = 0, cfg.rounds do
  for i, encoder in ipairs(encoders) do
    local start = os.clock()
    step(encoder)
    encoder:zero_grad()
    if round > 0 then table.insert(times[i], os.clock() - start) end
  end
end
local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end
local own, native = median(times[1]), median(times[2])
print(("Lua %.3f s, native %.3f s of processor time a step: ratio %.3f"):format(own, native, own / native))
