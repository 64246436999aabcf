--- ConvNeXt for the frames of a video, written with kit.layer under timm's names, so that timm's weights load.
local kit = require "kit"
local layer = kit.layer

local function norm(width) return layer.layer_norm { width, epsilon = 1e-6 } end

kit.define.layer {
  name = "convnext_block",
  help = "A depthwise convolution and two linear layers with a residual: [batch, height, width, channels] to the same.",
  reference = "Liu et al. 2022, figure 4; timm's ConvNeXtBlock",
  options = { width = { type = "integer", help = "Number of channels." } },
  parts = function(options)
    local width = options.width
    return {
      conv_dw = layer.convolution { width, width, kernel = { 7, 7 }, groups = width },
      norm = norm(width),
      mlp = { fc1 = layer.linear { width, 4 * width }, fc2 = layer.linear { 4 * width, width } },
      gamma = kit.parameter(kit.tensor.ones { width } * 1e-6),
    }
  end,
  forward = function(self, x)
    local y = self.mlp.fc2(self.mlp.fc1(self.norm(self.conv_dw(x))):gelu())
    return x + y * self.gamma
  end,
}

return kit.define.encoder {
  name = "convnext",
  help = "ConvNeXt: video [batch, time, height, width, 3], frame by frame, to [batch, width of the last stage].",
  reference = "Liu et al. 2022, A ConvNet for the 2020s; timm's convnext_tiny",
  options = {
    depths = { { 3, 3, 9, 3 }, "Number of blocks in each stage." },
    widths = { { 96, 192, 384, 768 }, "Number of channels in each stage." },
  },
  input = "video",
  width = function(options) return options.widths[#options.widths] end,
  parts = function(options)
    local widths, stages = options.widths, {}
    for stage, depth in ipairs(options.depths) do
      local width, before = widths[stage], widths[stage - 1]
      stages[stage] = {
        -- The stem does the work of the first.
        downsample = before and {
          norm(before), layer.convolution { before, width, kernel = { 2, 2 }, stride = 2, padding = 0 },
        } or {},
        blocks = {},
      }
      for block = 1, depth do stages[stage].blocks[block] = layer.convnext_block { width = width } end
    end
    return {
      stem = { layer.convolution { 3, widths[1], kernel = { 4, 4 }, stride = 4, padding = 0 }, norm(widths[1]) },
      stages = stages,
      head = { norm = norm(widths[#widths]) },
    }
  end,
  forward = function(self, x)
    local shape = x:shape()
    x = x:reshape { shape[1] * shape[2], shape[3], shape[4], shape[5] }
    x = self.stem[2](self.stem[1](x))
    for _, stage in ipairs(self.stages) do
      for _, part in ipairs(stage.downsample or {}) do x = part(x) end
      for _, block in ipairs(stage.blocks) do x = block(x) end
    end
    x = self.head.norm(x:mean { 2, 3 })
    return x:reshape({ shape[1], shape[2], x:shape()[2] }):mean(2)
  end,
}
