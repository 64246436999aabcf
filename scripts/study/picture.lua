--- Measures what the picture of a world tells of the speech: how well linear probes on its frames find the loudness of
--- the original's speech, who speaks, and which keyword is said, at several sizes and frame rates.
---
---     dubkit run samples/make_world.lua use=tasks out=world/probe films=300 seconds=3 seed=2
---     dubkit run scripts/study/picture.lua data=world/probe
---
--- Frames are what encoders see: the largest centred square. The upper bound is what the same probes find in the
--- drawing's own parameters: how far the mouth is open, which figure and which sign are shown.
local kit = require "kit"

local cfg = kit.recipe {
  data = { "world/probe", "folder of a world of tasks, made by samples/make_world.lua use=tasks", from = "ours" },
  films = { 0, "how many films to use; 0 uses all", from = "ours" },
  sizes = { { 32, 64, 96 }, "heights and widths of the frames", from = "ours" },
  rates = { { 1.333, 4.0, 8.0 }, "frames per second; 1.333 are the study's four in three seconds", from = "ours" },
  held_out = { 0.25, "share of films to measure", from = "ours" },
  ridge = { 0.01, "penalty of the probes, as a share of the features' mean power", from = "ours" },
  out = { "", "JSON file for the figures; empty for none", from = "ours" },
}

--- The films with their labels.
local films = kit.read_json { path = cfg.data .. "/manifest.jsonl" }
if cfg.films > 0 then films = table.move(films, 1, math.min(#films, cfg.films), 1, {}) end
if #films < 8 then error(cfg.data .. ": too few films to measure anything: expected 8 or more", 0) end
local tested = math.max(2, math.floor(#films * cfg.held_out))

--- Solves (rows rowsᵀ + penalty) a = targets by conjugate gradients, each column for itself.
local function solve(gram, penalty, targets)
  local x = targets * 0
  local r = targets
  local p, old = r, (r * r):sum(1, true)
  for _ = 1, 200 do
    local image = gram:matmul(p) + p * penalty
    local step = old / ((p * image):sum(1, true) + 1e-20)
    x, r = x + p * step, r - image * step
    local new = (r * r):sum(1, true)
    if (new / (old + 1e-20)):max():item() == 0 or new:max():item() < 1e-10 then break end
    p, old = r + p * (new / (old + 1e-20)), new
  end
  return x
end

--- What a ridge regression from the training rows says about the test rows. Features and targets are centred by the
--- training rows' means.
local function predicted(train, targets, test)
  local mean, middle = train:mean(1, true), targets:mean(1, true)
  local rows = train - mean
  local gram = rows:matmul(rows:transpose(1, 2))
  local power = (rows * rows):sum():item() / rows:shape()[1]
  local weights = solve(gram, cfg.ridge * power, targets - middle)
  return (test - mean):matmul(rows:transpose(1, 2):matmul(weights)) + middle
end

--- Rows minus the mean of their film; `each` rows belong to one film.
local function within(rows, each)
  local count, width = rows:shape()[1], rows:shape()[2]
  local grouped = rows:reshape { count // each, each, width }
  return (grouped - grouped:mean(2, true)):reshape { count, width }
end

--- The share of the variation within films that is explained.
local function explained(said, truth)
  local error_power, power = ((said - truth) ^ 2):sum():item(), (truth ^ 2):sum():item()
  return power > 0 and 1 - error_power / power or 0
end

local function parts(rows, each)
  local train = (#films - tested) * each
  return rows:slice(1, 1, train), rows:slice(1, train + 1, rows:shape()[1])
end

--- The classes of the films as rows of 0 and 1, and as numbers.
local function classes(name_of)
  local numbers, known, count = {}, {}, 0
  for n, film in ipairs(films) do
    local name = name_of(film)
    if not known[name] then
      count = count + 1
      known[name] = count
    end
    numbers[n] = known[name]
  end
  return kit.tensor.one_hot { labels = numbers, classes = count }, kit.tensor.from(numbers), count
end

--- The share of test films whose class is found.
local function accuracy(rows, targets, numbers)
  local train, test = parts(rows, 1)
  local said = predicted(train, (parts(targets, 1)), test):argmax(2)
  local _, truth = parts(numbers, 1)
  return said:equal(truth):mean():item()
end

--- The loudness of the original's speech around each frame, [films x frames, 1]: the original's track without the
--- background, in the square root of power, as the mouth follows it.
local function envelopes(rate)
  local list = {}
  for _, film in ipairs(films) do
    local file = kit.media.open { path = cfg.data .. "/" .. film.path }
    local seconds = film.labels.seconds
    local speech = (file:audio("en", 0, seconds) - file:audio("zxx", 0, seconds)):mean(2)
    local count = math.floor(seconds * rate + 0.5)
    local each = speech:shape()[1] // count
    list[#list + 1] = (speech:slice(1, 1, count * each):reshape { count, each } ^ 2):mean(2):sqrt():reshape { count, 1 }
    file:close()
  end
  return kit.tensor.concat(list)
end

--- The frames as rows, [films x frames, pixels], and as one mean image for each film.
local function frames(rate, size)
  local rows, images = {}, {}
  for n, film in ipairs(films) do
    local file = kit.media.open { path = cfg.data .. "/" .. film.path }
    local seconds = film.labels.seconds
    local count = math.floor(seconds * rate + 0.5)
    local seen = file:frames(0, seconds, count, size, size):reshape { count, size * size * 3 }
    rows[n], images[n] = seen, seen:mean(1, true)
    file:close()
  end
  return kit.tensor.concat(rows), kit.tensor.concat(images)
end

--- How far the mouth is open in the frame nearest to each moment, [films x frames, 1].
local function mouths(rate)
  local list = {}
  for _, film in ipairs(films) do
    local seen = film.labels.seen
    local count = math.floor(film.labels.seconds * rate + 0.5)
    for n = 1, count do
      local place = math.floor((n - 0.5) / rate * seen.frame_rate) + 1
      list[#list + 1] = seen.mouth[math.min(#seen.mouth, place)]
    end
  end
  return kit.tensor.from(list):reshape { #list, 1 }
end

local voice, voice_numbers, voices = classes(function(film) return film.labels.speaker end)
local word, word_numbers, words = classes(function(film) return film.labels.speech[1].keyword.eng end)
local figure = classes(function(film) return film.labels.seen.speaker end)
local sign = classes(function(film)
  local first = film.labels.seen.signs[1]
  return first and first.sign or 0
end)

local results = {
  films = #films, tested = tested, chance = { voice = 1 / voices, word = 1 / words },
  bound = {
    voice = accuracy(figure, voice, voice_numbers), word = accuracy(sign, word, word_numbers), loudness = {},
  },
  rows = {},
}
print(("%d films, %d of them measured; loudness: share of its variation within films; voice, keyword: %%"):format(
  #films, tested))
print(("%-22s %9s %7s %8s"):format("", "loudness", "voice", "keyword"))
local function row(name, loudness, of_voice, of_word)
  print(("%-22s %9s %7s %8s"):format(
    name, loudness and ("%.2f"):format(loudness) or "", of_voice and ("%.0f"):format(100 * of_voice) or "",
    of_word and ("%.0f"):format(100 * of_word) or ""))
end
row("chance", nil, results.chance.voice, results.chance.word)
row("figure and sign", nil, results.bound.voice, results.bound.word)
for _, rate in ipairs(cfg.rates) do
  local loudness = envelopes(rate)
  local each = loudness:shape()[1] // #films
  local truth = within(loudness, each)
  local train, test = parts(within(mouths(rate), each), each)
  local known, wanted = parts(truth, each)
  local bound = explained(predicted(train, known, test), wanted)
  results.bound.loudness[#results.bound.loudness + 1] = { rate = rate, explained = bound }
  row(("mouth, %.3g a second"):format(rate), bound)
  for _, size in ipairs(cfg.sizes) do
    local rows, images = frames(rate, size)
    local seen, unseen = parts(within(rows, each), each)
    local figures = {
      rate = rate, size = size, loudness = explained(predicted(seen, known, unseen), wanted),
      voice = accuracy(images, voice, voice_numbers), word = accuracy(images, word, word_numbers),
    }
    results.rows[#results.rows + 1] = figures
    row(("%.3g a second, %d x %d"):format(rate, size, size), figures.loudness, figures.voice, figures.word)
  end
end
if cfg.out ~= "" then kit.write_json { path = cfg.out, value = results } end
return results
