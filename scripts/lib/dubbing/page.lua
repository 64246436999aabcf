--- A page about a dub: original and dub side by side, line by line, with players, spectrograms and what did not fit.
local kit = require "kit"

local page = {}

--- Seconds shown before and after a line.
local context = 0.5

local style = [[
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; }
tr { border-bottom: 1px solid #8884; } img { width: 100%; display: block; } audio { width: 100%; }
.bad { color: #b00020; } .facts { color: #777; font-size: 13px; }
:root { color-scheme: light dark; }
]]

local function escaped(text)
  return (tostring(text):gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function clock(seconds) return ("%d:%02d:%04.1f"):format(seconds // 3600, seconds // 60 % 60, seconds % 60) end

--- Writes a sound and its spectrogram, and returns the cell that shows them.
local function cell(folder, name, sound)
  kit.media.write_audio { path = ("%s/page/%s.opus"):format(folder, name), samples = sound }
  kit.plot.spectrogram(kit.media.log_mel { samples = sound }, {
    path = ("%s/page/%s.png"):format(folder, name), step = 512 / 48000, width = 480, height = 200,
  })
  kit.plot.waveform(sound, {
    path = ("%s/page/%s-wave.png"):format(folder, name), sample_rate = 48000, width = 480, height = 120,
  })
  return ('<td><audio controls preload="none" src="page/%s.opus"></audio><img src="page/%s-wave.png" alt="waveform">'
    .. '<img src="page/%s.png" alt="spectrogram"></td>'):format(name, name, name)
end

local function facts(line)
  local list = {}
  local function add(form, value) if value then list[#list + 1] = form:format(value) end end
  add("tempo × %.2f", line.tempo)
  add("pitch × %.2f", line.pitch_ratio)
  add("gain %+.1f dB", line.gain)
  add("%.1f LUFS", line.dub_loudness)
  add("voice %s", line.voice)
  return escaped(table.concat(list, " · "))
end

local function complaint(line)
  if line.failure then return "left as it was: " .. line.failure end
  if line.too_long then return ("%.1f s too long"):format(line.too_long) end
  if not line.has_speech then return "nobody speaks here in the original" end
  return ""
end

--- Writes `folder/page.html` for a dub: the first `count` lines, and all that did not fit.
---
---   original, dub   functions (start, seconds) that return sound
function page.write(folder, manifest, list, count, original, dub)
  local rows, seconds = {}, manifest.seconds
  kit.make_folder { path = folder .. "/page" }
  for n, line in ipairs(list) do
    local wrong = complaint(line)
    if n <= count or wrong ~= "" and #rows < 10 * count then
      local start = math.max(0, line.start - context)
      local length = math.min(seconds, math.max(line.stop, line.start + (line.seconds or 0)) + context) - start
      local name = ("%04d"):format(n)
      rows[#rows + 1] = ('<tr><td>%s<br>%s%s<div class="facts">%s</div></td>%s%s</tr>'):format(
        clock(line.start), escaped(line.text),
        wrong ~= "" and '<div class="bad">' .. escaped(wrong) .. "</div>" or "", facts(line),
        cell(folder, name .. "-original", original(start, length)), cell(folder, name .. "-dub", dub(start, length)))
    end
  end
  local failed, long = 0, 0
  for _, line in ipairs(list) do
    if line.failure then failed = failed + 1 elseif line.too_long then long = long + 1 end
  end
  kit.write_text {
    path = folder .. "/page.html",
    text = ([[<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Synthetic dub of %s</title>
<style>%s</style>
<h1>Synthetic dub of %s</h1>
<p>%d lines in %s by %s, from %s; %d failed, %d too long. All voices of the dub are synthetic.</p>
<table><tr><th>line</th><th>original</th><th>dub</th></tr>
%s
</table></html>
]]):format(
      escaped(manifest.name), style, escaped(manifest.name), #list, escaped(manifest.language),
      escaped(manifest.engine), escaped(manifest.lines), failed, long, table.concat(rows, "\n")),
  }
end

return page
