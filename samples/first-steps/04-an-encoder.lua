--- First steps, 4: an encoder, from a spectrogram to features.
--
--   dubkit run samples/first-steps/04-an-encoder.lua

local kit = require "kit"

-- Fresh weights come from the seed: the same seed gives the same encoder.
kit.recipe { seed = 7 }
local encoder = kit.encoder.small_audio { features = 64 }
print(encoder)

-- It takes log-mel spectrograms [batch, time, mel, channels] and gives features [batch, 64]. Films give such batches
-- (05-batches.lua); here random numbers will do.
local sounds = kit.tensor.normal { 2, 280, 96, 2, seed = 1 }
local features = encoder(sounds)
print("features", features)
print(encoder:tree(2)) -- now with the shapes of what each part gave

-- In training, batch norm uses the statistics of the batch; in evaluation, those gathered during training.
encoder:eval()
local alone = encoder(sounds:slice(1, 1, 1))
local together = encoder(sounds):slice(1, 1, 1)
print("a clip's features do not depend on its neighbours:", ((alone - together):abs():max():item()) < 1e-5)

-- `parameters` are the trained tensors by name. After `backward` each has a gradient.
encoder:train()
encoder(sounds):mean():backward()
local count = 0
for _, tensor in pairs(encoder:parameters()) do
  assert(tensor.grad)
  count = count + 1
end
print(count .. " trained tensors, " .. encoder:parameter_count() .. " numbers")

-- Weights are safetensors files: Python's safetensors and torch read them, by the same names.
local path = os.tmpname()
encoder:save(path)
local again = kit.encoder.small_audio { features = 64 }:load(path)
os.remove(path)
print("loaded weights give the same:", ((again:eval()(sounds) - encoder:eval()(sounds)):abs():max():item()) == 0)
