-- What the calls of the script fuzzer stand on: objects to call and to hand over, and hostile values. See ScriptFuzz.swift.
local progress = assert(io.open("progress", "w"))
local pool = {}
local keep_at_most, collect_every = 8, 50

-- Objects by what the declarations call them; those that come later take the place of the oldest.
local function keep(class, value, depth)
  if type(value) == "table" and depth < 3 then
    for _, item in next, value do keep(class, item, depth + 1) end
  elseif type(value) == "userdata" then
    local list = pool[class] or { next = 0 }
    pool[class] = list
    list[list.next % keep_at_most + 1] = value
    list.next = list.next + 1
  end
end

function any(class, number)
  local list = pool[class]
  return list and list[number % #list + 1]
end

-- Makes one call, whose number is written down before.
function call(number, class, f)
  progress:seek("set")
  progress:write(number, "\n")
  progress:flush()
  local ok, first, second = pcall(f)
  if ok then
    keep(class, first, 0)
    keep(class, second, 0)
  elseif type(first) == "table" and rawget(first, "kind") == "internal_fault" then
    io.stderr:write("FAULT ", number, " ", tostring(first):gsub("\n", " "), "\n")
  end
  if number % collect_every == 0 then collectgarbage() end
end

-- Functions that the kit may call, though not for ever.
local calls_left = 0
local function limited(f)
  return function(...)
    calls_left = calls_left - 1
    if calls_left < 0 then error("called too often") end
    return f(...)
  end
end
local functions = {
  limited(function() end), limited(function(...) return ... end), limited(function(x) return x end),
  limited(function(a) return a:mean() end), limited(function() return any("tensor", 0):mean() end),
  limited(function() return 1 end), limited(function() return {} end), limited(function() return { { 1 } } end),
  limited(function(_, b) return b end), limited(function() error("thrown") end),
  limited(function() error({ 1, 2 }) end), limited(function() error() end),
  limited(function() return kit.tensor.zeros { 0 } end), limited(function() return 0 / 0 end), print,
}
function callback(number)
  calls_left = 20
  return functions[number % #functions + 1]
end

local cyclic = { 1 }
cyclic[2] = cyclic
local deep = {}
for _ = 1, 100 do deep = { deep } end
local broken = setmetatable({}, { __index = function() error("no field") end, __len = function() return 1 << 40 end })
local long = ("x"):rep(100000)
local released
do
  local film <close> = kit.media.film_writer { path = "given_up.mkv", width = 16, height = 16 }
  released = film
  pcall(film.close, film)
end
local closed = kit.media.open { path = "film.mkv" }
closed:close()

local hostile_values = {
  math.mininteger, math.maxinteger, math.maxinteger - 1, math.mininteger + 1, 1 << 53, 1 << 62, 1 << 31, (1 << 31) - 1,
  1 << 32, 2.0 ^ 53, 2.0 ^ 63, 2.0 ^ 64, 1e308, -1e308, 5e-324, 0 / 0, 1 / 0, -1 / 0, -0.0, 0, -1, 1, 65536, 1e9, 1e18,
  "", long, "a\0b", "\xff\xfe", "e\u{301}", "1e999", "nan", "%s%n", "../x", "{}", "en", "\n", true, false, {}, cyclic, deep,
  broken, { [1] = 1, [3] = 3 }, { [1.5] = 1 }, { x = 1, 2 }, { 1, "x", {} }, { { 1 }, { 1, 2 } }, { 1 << 62, 4 }, { 0, 1 << 40 },
  { -1, -1 }, function() error("thrown") end, coroutine.create(function() end), io.stdout, print, kit, kit.loss,
  kit.loss.nt_xent, released, closed, kit.tensor.zeros { 0 }, kit.tensor.zeros { 0, 1 << 40 },
  kit.tensor.zeros { 1 << 40, 0 }, kit.tensor.zeros { 1, 0, 3 }, kit.tensor.zeros { 2, 0 }, kit.tensor.ones({ 1 }):sum(),
  kit.tensor.from { 0 / 0, 1 / 0, -1 / 0 }, kit.tensor.ones { 2, 2 } * 1e30, kit.tensor.ones { 2, 2 } / 0,
  kit.tensor.ones { 1 }, "empty", "folder", "null", "missing", "missing/x", "film.mkv", "sound.wav", "cut.mkv", "list.csv",
  "films.jsonl", "bad.json", "weights.safetensors", "cut.safetensors", "folder/",
}
function as_list(value) return type(value) == "table" and value or { value } end
function hostile(number) return hostile_values[number % (#hostile_values + 1) + 1] end

local files = {
  "film.mkv", "sound.wav", "list.csv", "films.jsonl", "weights.safetensors", "made.wav", "made.flac", "made.png", "made.svg",
  "made.json", "made", ".", "film.mkv", "list.csv",
}
function file(number) return files[number % #files + 1] end

-- To begin with.
keep("tensor", {
  kit.tensor.normal { 4, 8 }, kit.tensor.normal { 4, 8 }, kit.tensor.ones({ 1 }):sum(), kit.tensor.normal { 2, 20, 8, 2 },
  kit.tensor.normal { 800, 2 }, kit.tensor.normal({ 4, 8 }):requires_grad(), kit.tensor.uniform { 3, 16, 16, 3 },
}, 0)
keep("module", { kit.head.mlp { 8, 8 }, kit.encoder.mean_log_mel { mels = 8 }, kit.encoder.small_audio { features = 8 } }, 0)
keep("function", callback(1), 0)
local films = kit.dataset.films {
  path = "films.jsonl", seconds = 0.5, frames = 2, size = 16, mel = { mels = 8 }, workers = 0, jitter = false }
local batches = films:batches(kit.sampler.sequential { batch = 2 })
keep("film dataset", films, 0)
keep("batches", batches, 0)
keep("batch source", batches, 0)
local batch = batches:next()
keep("clip batch", batch, 0)
keep("audio tracks", batch.audio, 0)
keep("film", kit.media.open { path = "film.mkv" }, 0)
local task = kit.dataset.csv { path = "list.csv" }
keep("labelled dataset", task, 0)
keep("random", kit.random { seed = 1 }, 0)
local features = kit.embed { data = task, encoders = { audio = kit.encoder.mean_log_mel {} }, workers = 0 }
keep("feature set", features, 0)
keep("probe", kit.probe.knn { k = 1 }, 0)
keep("metric", kit.metric.top1 {}, 0)
