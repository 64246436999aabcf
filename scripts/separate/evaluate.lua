--- Measures separators on held-out mixtures of speech and background: a table with a row for each.
---
---     dubkit run scripts/separate/evaluate.lua --set separators=center,mask_unet=unet.safetensors
---
--- SI-SDR and SDR are of the background, the mean over all pairs; the improvement is over the mixture as it is. The
--- time is the processor's, of all threads together, for a second of sound: what one core takes.
local kit = require "kit"
local separators = require "separators"

local cfg = kit.recipe {
  data = { "stems/stems.csv", "speech and background files, as samples/make_stems.lua lists them", from = "ours" },
  separators = { { "center" }, "separators, each as name or name=weights", from = "ours" },
  pairs = { 0, "how many of the held-out pairs are used; 0 uses all", from = "ours" },
}

local held_out = kit.dataset.mixtures { path = cfg.data }.held_out
local count = cfg.pairs > 0 and math.min(cfg.pairs, #held_out) or #held_out
if count == 0 then error(cfg.data .. ": no pair is held out") end
local si_sdr, sdr, rate = kit.metric.si_sdr {}, kit.metric.sdr {}, 48000

local function read(path) return kit.media.read_audio { path = path, sample_rate = rate } end

--- The figures of a separator (nil leaves the mixture as it is), averaged over the pairs.
local function measure(separator)
  local sums, sound_time, processor_time = { si_sdr = 0, sdr = 0 }, 0, 0
  for n = 1, count do
    -- Neighbours in the table are languages of one film: take pairs from all over it.
    local pair = held_out[(n - 1) * #held_out // count + 1]
    local background = read(pair.background)
    local estimate = background + read(pair.speech)
    local begin = os.clock()
    if separator then estimate = separator:separate(estimate, rate) end
    processor_time = processor_time + os.clock() - begin
    sound_time = sound_time + #background / rate
    sums.si_sdr = sums.si_sdr + si_sdr(estimate, background)
    sums.sdr = sums.sdr + sdr(estimate, background)
  end
  return { si_sdr = sums.si_sdr / count, sdr = sums.sdr / count, time = processor_time / sound_time }
end

local function row(...) print(("%-14s %9s %12s %8s %18s"):format(...)) end
local function number(value, digits) return ("%." .. digits .. "f"):format(value) end

local mixture = measure(nil)
local table_of = { mixture = mixture }
print(("%d held-out mixtures of %s; dB"):format(count, cfg.data))
row("separator", "SI-SDR", "improvement", "SDR", "s per s of sound")
row("mixture", number(mixture.si_sdr, 2), "", number(mixture.sdr, 2), "")
for _, text in ipairs(cfg.separators) do
  local separator, name = separators.named(text)
  local figures = measure(separator)
  figures.improvement = figures.si_sdr - mixture.si_sdr
  table_of[name] = figures
  row(name, number(figures.si_sdr, 2), number(figures.improvement, 2), number(figures.sdr, 2), number(figures.time, 3))
end
return table_of
