--- Exports every encoder of the shelf with random weights and statistics, and two that are written in Lua, and embeds a
--- folder of films with them, for check_onnx.py.
---
---     dubkit run scripts/dev/export/encoders.lua --set data=samples/movies --set out=FOLDER
local kit = require "kit"
local layer = kit.layer

local cfg = kit.recipe {
  data = { "samples/movies", "the folder of films or sounds to embed", from = "ours" },
  out = { "exported", "the folder to write", from = "ours" },
  only = { "", "the encoders to export, separated by spaces; all if it is empty", from = "ours" },
}

kit.define.encoder {
  name = "lua_sound",
  help = "A convolution, an LSTM in both directions and a gate: log-mel [batch, time, mel, 2] to [batch, 24].",
  input = { "log_mel", channels = 2, mel = 96 },
  width = function() return 24 end,
  parts = function()
    return {
      stem = layer.convolution { 2, 8, kernel = { 5, 5 }, stride = 4 },
      norm = layer.layer_norm { 8 },
      recurrent = layer.lstm { 8, 12, bidirectional = true },
      gate = layer.linear { 24, 24 },
    }
  end,
  forward = function(self, x)
    local map = self.norm(self.stem(x)):gelu():mean(3)
    local states = self.recurrent(map)
    local last = states:max(2)
    return (last * self.gate(states:mean(2)):sigmoid()):normalize()
  end,
}

local order = {}
for place = 1, 96 do order[place] = 97 - place end

kit.define.encoder {
  name = "lua_ops",
  help = "One of each tensor operation: log-mel [batch, time, mel, 2] to [batch, 96].",
  input = { "log_mel", channels = 2, mel = 96 },
  width = function() return 96 end,
  parts = function() return { scale = kit.parameter(kit.tensor.uniform { 96, seed = 3 }) } end,
  forward = function(self, x)
    local batch = x:shape()[1]
    local both = (x / 8):mean(2):permute { 1, 3, 2 }:flatten():reshape { batch, 2, 96 }
    local a, b = both:select(2, 1), both:slice(2, 2):squeeze(2) -- [batch, 96] each.
    local smooth = (a:sin() + b:cos() * 0.5 - a:tanh()):clamp(-1, 0.9):maximum(b):minimum(a + 2)
    local shares = a:softmax() + b:log_softmax() / 10 + (a - b):logsumexp(2):unsqueeze(2) / 10
    local powers = ((a ^ 2 + 1):sqrt():log() + (a:abs() + 0.1) ^ 0.3 + (1 / (b:exp() + 1)) + (2 - a)) * self.scale
    local matrix = a:reshape { batch, 8, 12 }
    local mixed = matrix:matmul(matrix:transpose()):softmax(2)
    local product = mixed:matmul(b:reshape { batch, 8, 12 }):reshape { batch, 96 }
    local spread = (matrix:std(3) + matrix:norm(3) + matrix:variance { 2, 3 }:unsqueeze(2)):pad(2, 2, 2, 0.5)
    local sums = a:cumsum() / 96 + matrix:max(2):sum(2, true) + matrix:min { 2, 3 }:unsqueeze(2)
    local tail = kit.tensor.concat { spread, spread:swish(), spread:gelu():sigmoid(), spread, axis = 2 }:normalize()
    local rest = kit.tensor.concat { tail, tail:relu(), axis = 2 }
    return smooth + shares + powers + product + sums + a:permute { 2, 1 }:gather(order):permute { 2, 1 } + rest
  end,
}

-- Name, encoder, and the clips it is made for.
local shelf = {
  { "acoustic_resnet50", function() return kit.encoder.acoustic_resnet50 {} end, {} },
  { "resnet18", function() return kit.encoder.resnet18 { features = 64 } end, {} },
  { "resnet50", function() return kit.encoder.resnet50 {} end, {} },
  { "vggish", function() return kit.encoder.vggish { channels = 1 } end, { mel = "v2" } },
  { "small_audio", function() return kit.encoder.small_audio {} end, { mel = "v2_stereo" } },
  { "mean_log_mel", function() return kit.encoder.mean_log_mel {} end, {} },
  { "lua_sound", function() return kit.encoder.lua_sound {} end, {} },
  { "lua_ops", function() return kit.encoder.lua_ops {} end, {} },
  { "mvitv2_sound", function() return kit.encoder.mvitv2 { modality = "audio" } end, { mel = "v2" } },
  { "vit_sound", function() return kit.encoder.vit { size = "ti" } end, { mel = "v2" } },
  { "x3d", function() return kit.encoder.x3d { variant = "s" } end, { frames = 13, size = 160 } },
  { "r2plus1d_18", function() return kit.encoder.r2plus1d_18 {} end, { frames = 8, size = 112 } },
  {
    "resnet18_frames", function() return kit.encoder.resnet18 { input = "frames" } end,
    { frames = 4, size = 112 },
  },
  { "small_video", function() return kit.encoder.small_video {} end, { frames = 8, size = 112 } },
  { "mvitv2_video", function() return kit.encoder.mvitv2 {} end, { frames = 16, size = 224 } },
  {
    "vit_video", function() return kit.encoder.vit { modality = "video", size = "ti" } end,
    { frames = 8, size = 112 },
  },
}

--- Gives norms that start the same for all channels, and their statistics, values that show in the result. Linear
--- layers, patches and positions become stronger, since transformers with fresh weights hardly depend on them.
local function disturb(encoder)
  for name, tensor in pairs(encoder:parameters()) do
    local is_weak = name:find "rel_pos" or name:find "position" or name:find "patch"
    if is_weak or #tensor:shape() == 2 then tensor:assign(tensor * (is_weak and 20 or 4)) end
  end
  local names = {}
  for name, tensor in pairs(encoder:state()) do
    if #tensor:shape() == 1 and #tensor > 1 and tensor:std():item() == 0 then names[#names + 1] = name end
  end
  table.sort(names)
  for number, name in ipairs(names) do
    local tensor = encoder:state()[name]
    local low, high = 0.5, 1.5
    if tensor:mean():item() == 0 then low, high = -0.2, 0.2 end
    -- The last norms of blocks start at 0 in some networks.
    if name:find "norm_c%.weight" then low, high = 0.1, 0.4 end
    tensor:assign(kit.tensor.uniform { shape = tensor:shape(), low = low, high = high, seed = number })
  end
end

for _, case in ipairs(shelf) do
  local name, make, clips = table.unpack(case)
  if cfg.only == "" or (" " .. cfg.only .. " "):find(" " .. name .. " ", 1, true) then
    local encoder = make()
    disturb(encoder)
    local out = cfg.out .. "/" .. name
    -- The encoder of this file cannot be made again without it, so its features are made here.
    local is_own = name:find "^lua"
    local options = { encoders = { [name] = encoder }, out = out, format = is_own and "onnx" or "huggingface" }
    for key, value in pairs(clips) do options[key] = value end
    local before = os.clock()
    kit.export(options)
    print(("%-18s exported in %.1f s of processor time"):format(name, os.clock() - before))
    if is_own then
      kit.embed { data = cfg.data, encoders = { [name] = encoder }, rows = "clip", out = out .. "-features" }
    end
  end
end
