--- Measures separators on held-out mixtures of speech and background, as a table with one row for each.
---
---     dubkit run scripts/separate/evaluate.lua --set separators=center,mask_unet=unet.safetensors
---
--- A mixture is as long as the shorter of its two sounds. SI-SDR and SDR measure the background, as the mean over the
--- pairs for which they are finite; the improvement is over the unchanged mixture. Pairs without a finite result
--- (silent speech, a silent background, a silent estimate) are counted below the table. The time is the processor time
--- of all threads per second of sound, as on one core.
local kit = require "kit"
local separators = require "separators"

local cfg = kit.recipe {
  data = { "stems/stems.csv", "table of speech and background files, as make_stems.lua writes it", from = "ours" },
  separators = { { "center" }, "separators, each as name or name=weights", from = "ours" },
  pairs = { 0, "number of held-out pairs to use; 0 uses all", from = "ours" },
}

local held_out = kit.dataset.mixtures { path = cfg.data }.held_out
local count = cfg.pairs > 0 and math.min(cfg.pairs, #held_out) or #held_out
if count == 0 then error(cfg.data .. ": no pair is held out") end
local metrics = {
  { key = "si_sdr", name = "SI-SDR", of = kit.metric.si_sdr {} }, { key = "sdr", name = "SDR", of = kit.metric.sdr {} },
}
local rate = 48000

--- The two sounds of a pair, both cut to the length of the shorter.
local function read(pair)
  local background = kit.media.read_audio { path = pair.background, sample_rate = rate }
  local speech = kit.media.read_audio { path = pair.speech, sample_rate = rate }
  local length = math.min(#background, #speech)
  return background:slice(1, 1, length), speech:slice(1, 1, length)
end

local function is_silent(sound) return sound:abs():max():item() == 0 end

--- Why nothing can be measured on a pair; nil if it can.
local function fault(background, speech)
  return is_silent(background) and "the background is silent" or is_silent(speech) and "the speech is silent" or nil
end

--- The results of a separator by pair, where they are finite, and its time. Without a separator, those of the mixture.
local function measure(name, separator)
  local progress = kit.progress { verb = name .. ": measured", noun = "pairs", total = count }
  local figures, sound_time, processor_time = { si_sdr = {}, sdr = {}, faults = {} }, 0, 0
  for n = 1, count do
    -- Neighbouring lines of the table are languages of one film, so take pairs from all over it.
    local pair = held_out[(n - 1) * #held_out // count + 1]
    local background, speech = read(pair)
    local reason = fault(background, speech)
    if not reason then
      local estimate = background + speech
      local begin = os.clock()
      if separator then estimate = separator:separate(estimate, rate) end
      processor_time = processor_time + os.clock() - begin
      sound_time = sound_time + #background / rate
      if is_silent(estimate) then
        reason = "the estimate is silent"
      else
        for _, metric in ipairs(metrics) do
          local is_defined, value = pcall(metric.of, estimate, background)
          if is_defined and math.abs(value) < math.huge then
            figures[metric.key][n] = value
          else
            reason = is_defined and ("%s is %s"):format(metric.name, value) or tostring(value)
          end
        end
      end
    end
    if reason then figures.faults[#figures.faults + 1] = { pair = pair, reason = reason } end
    progress:advance()
  end
  figures.time = sound_time > 0 and processor_time / sound_time or nil
  return figures
end

--- The mean of a result over the pairs that have it; nil if none has.
local function mean(values, base)
  local sum, used = 0, 0
  for n = 1, count do
    local value = values[n] and (base and (base[n] and values[n] - base[n]) or not base and values[n])
    if value then sum, used = sum + value, used + 1 end
  end
  return used > 0 and sum / used or nil
end

local function row(...) print(("%-14s %9s %12s %8s %18s"):format(...)) end
local function number(value, digits) return value and ("%." .. digits .. "f"):format(value) or "-" end

local notes = {}
local function note(name, faults)
  if #faults == 0 then return end
  local first = faults[1]
  local told = "%s: %d of %d pairs have no finite result and are left out of the means, such as %s + %s: %s"
  notes[#notes + 1] = told:format(
    name, #faults, count, first.pair.background, first.pair.speech, first.reason)
end

local mixture = measure("mixture")
local table_of = { mixture = { si_sdr = mean(mixture.si_sdr), sdr = mean(mixture.sdr), left_out = #mixture.faults } }
print(("%d held-out mixtures of %s; dB"):format(count, cfg.data))
row("separator", "SI-SDR", "improvement", "SDR", "s per s of sound")
row("mixture", number(table_of.mixture.si_sdr, 2), "", number(table_of.mixture.sdr, 2), "")
note("mixture", mixture.faults)
for _, text in ipairs(cfg.separators) do
  local separator, name = separators.named(text)
  local by_pair = measure(name, separator)
  local figures = {
    si_sdr = mean(by_pair.si_sdr), sdr = mean(by_pair.sdr), time = by_pair.time,
    improvement = mean(by_pair.si_sdr, mixture.si_sdr), left_out = #by_pair.faults,
  }
  table_of[name] = figures
  row(name, number(figures.si_sdr, 2), number(figures.improvement, 2), number(figures.sdr, 2), number(figures.time, 3))
  note(name, by_pair.faults)
end
for _, line in ipairs(notes) do print(line) end
return table_of
