--- First steps, 1: tensors.
--
--   dubkit run samples/first-steps/01-tensors.lua
--
-- The same lines work at the prompt (`dubkit repl`); `help(kit.tensor)` lists what makes tensors.

local kit = require "kit"

-- A tensor is an array of 32-bit floats with a shape. Constructors take a list of numbers, or of extents.
local table_of_six = kit.tensor.from { { 1, 2, 3 }, { 4, 5, 6 } }
print(table_of_six)
print("shape", table.concat(table_of_six:shape(), " x "))

-- Operators work element by element. An axis of extent 1, or a missing leading axis, is repeated to fit.
local columns = kit.tensor.from { 10, 20, 30 }
print("2 x + columns", table_of_six * 2 + columns)

-- Like everything in Lua, axes and indices count from 1; negative ones count from the end.
print("means of the rows", table_of_six:mean(2))
print("last column", table_of_six:select(-1, 3))
print("the largest of all", table_of_six:max():item())

-- Random numbers come from a seed: the same seed gives the same numbers, on any machine, with any number of threads.
local weights = kit.tensor.normal { 3, 2, std = 0.5, seed = 7 }

-- Gradients: mark what is to be trained, compute a scalar, call `backward`.
weights:requires_grad()
local loss = (table_of_six:matmul(weights):tanh() ^ 2):mean()
loss:backward()
print("loss", loss:item())
print("d loss / d weights", weights.grad)

-- A shape that does not fit is an error that says what was expected.
local fits, message = pcall(function() return table_of_six + kit.tensor.ones { 2 } end)
assert(not fits)
print("as it should be:", message)
