--- ResNet-18 for the frames of a video, written with kit.layer: the layers, names and values of kit.encoder.resnet18.
local kit = require "kit"
local layer = kit.layer

kit.define.layer {
  name = "basic_block",
  help = "Two 3x3 convolutions, the first with the stride, and a shortcut: [batch, height, width, in] to [.., out].",
  reference = "He et al. 2016, figure 5; torchvision's BasicBlock",
  options = {
    inputs = { type = "integer", help = "Channels of the input." },
    outputs = { type = "integer", help = "Channels of the output." },
    stride = { 1, "Step along height and width." },
  },
  parts = function(options)
    local function convolution(inputs, kernel, stride)
      return layer.convolution {
        inputs, options.outputs, kernel = { kernel, kernel }, stride = stride, bias = false, weights = "he",
      }
    end
    local changes = options.stride > 1 or options.inputs ~= options.outputs
    return {
      conv1 = convolution(options.inputs, 3, options.stride),
      bn1 = layer.batch_norm { options.outputs, activation = "relu" },
      conv2 = convolution(options.outputs, 3, 1),
      bn2 = layer.batch_norm { options.outputs, activation = "relu" },
      downsample = changes and layer.chain {
        convolution(options.inputs, 1, options.stride), layer.batch_norm { options.outputs },
      } or layer.identity {},
    }
  end,
  forward = function(self, x)
    return self.bn2(self.conv2(self.bn1(self.conv1(x))), self.downsample(x))
  end,
}

return kit.define.encoder {
  name = "resnet18_lua",
  help = "ResNet-18 in Lua: video [batch, time, height, width, 3], frame by frame, to [batch, 512].",
  reference = "He et al. 2016, table 1; torchvision's resnet18",
  input = "video",
  width = 512,
  parts = function()
    local function stage(inputs, outputs, stride)
      return layer.chain {
        layer.basic_block { inputs = inputs, outputs = outputs, stride = stride },
        layer.basic_block { inputs = outputs, outputs = outputs },
      }
    end
    return {
      conv1 = layer.convolution { 3, 64, kernel = { 7, 7 }, stride = 2, bias = false, weights = "he" },
      bn1 = layer.batch_norm { 64, activation = "relu" },
      maxpool = layer.max_pool { 3, 3, stride = 2, padding = 1 },
      layer1 = stage(64, 64, 1),
      layer2 = stage(64, 128, 2),
      layer3 = stage(128, 256, 2),
      layer4 = stage(256, 512, 2),
      pool = layer.global_mean {},
    }
  end,
  forward = function(self, x)
    local shape = x:shape()
    x = x:reshape { shape[1] * shape[2], shape[3], shape[4], shape[5] }
    x = self.maxpool(self.bn1(self.conv1(x)))
    x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
    return self.pool(x):reshape({ shape[1], shape[2], 512 }):mean(2)
  end,
}
