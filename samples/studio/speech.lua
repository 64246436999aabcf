--- Speech by other programs: the original follows its manner, and each dub is fitted into the original's time.

local kit = require "kit"
local engines = require "studio.engines"
local shell = require "studio.shell"
local sound = require "studio.sound"

local speech = {}

--- Folder for spoken sentences, so that they need not be spoken again; nil keeps nothing.
speech.kept_in = nil

--- Whether speakers have the voices of recorded people where there are any.
speech.recorded = false

--- Seconds to wait before a program is tried again; longer each time.
speech.pause = 1

--- On a loaded machine espeak-ng now and then dies while it starts.
local attempts = 5

--- A file with a text in Latin-1, for programs that read no UTF-8.
local function latin1(text)
  local path = os.tmpname()
  local bytes = text:gsub(utf8.charpattern, function(letter) return string.char(utf8.codepoint(letter)) end)
  local writer <close> = assert(io.open(path, "w"))
  writer:write(bytes, "\n")
  return path
end

--- Runs a voice's program, which writes to `path`.
local function speak(text, voice, style, path)
  local engine = engines[voice.program]
  local file = engine.encoding == "latin1" and latin1(text) or nil
  local words = engine.command(text, voice.name, style, path, file)
  local ok, how, number
  for attempt = 1, attempts do
    ok, how, number = shell.run(table.unpack(words))
    if ok or how == "exit" and number == 127 then break end
    os.remove(path)
    if attempt < attempts then shell.run("sleep", speech.pause * attempt) end
  end
  if file then os.remove(file) end
  local install = "apt-get install " .. engine.package
  if how == "exit" and number == 127 then error(("%s is not installed: %s"):format(words[1], install)) end
  if not ok then
    error(
      ("%s could not speak %q as %s: %s %d, the last of %d attempts"):format(
        voice.program, text, voice.name, how, number, attempts))
  end
  -- festival ends well without a voice, and writes nothing.
  local spoken <close> = io.open(path)
  if not spoken then
    error(("%s has no voice '%s': %s"):format(voice.program, voice.name, install))
  end
end

--- A file name made of the text, voice and style: letters and digits unchanged, other bytes in hexadecimal.
local function file_name(text, voice, style)
  local name = voice.semitones and ("%s %d"):format(voice.name, voice.semitones) or voice.name
  local plain = ("%s %s %d %d %d"):format(text, name, style.rate, style.pitch, style.range)
  return plain:gsub("[^%w]", function(byte) return byte == " " and "_" or ("%02x"):format(byte:byte()) end) .. ".wav"
end

local function mono(path)
  return kit.media.read_audio({ path = path, sample_rate = sound.rate }):slice(2, 1, 1)
end

--- Words per minute at which programs speak by themselves; semitones for a step of `pitch`.
local usual_rate, step = 170, 0.2

--- A sound in a style, by a change of tempo and pitch. Formants stay where they are, but for a voice that is another
--- one's, moved by some semitones.
local function styled(said, voice, style)
  local stretch = "rubberband=tempo=%.4f:pitch=%.4f:formant=%s"
  local moved, raised = voice.semitones or 0, (style.lift or 0) * step
  local filters = stretch:format(style.rate / usual_rate, 2 ^ (raised / 12), "preserved")
  if moved ~= 0 then filters = stretch:format(1, 2 ^ (moved / 12), "shifted") .. "," .. filters end
  return kit.media.filter_audio { samples = said, filters = filters, sample_rate = sound.rate }
end

--- One sentence as a mono sound. `voice` has `program`, `name` and optionally `semitones`. `style` has `rate` (words
--- per minute), `pitch` and `range` (0 to 99), and `lift` (how much of the pitch is the manner's).
function speech.say(text, voice, style)
  local kept = speech.kept_in and speech.kept_in .. "/" .. file_name(text, voice, style)
  local known = kept and io.open(kept)
  if known then
    known:close()
    return mono(kept)
  end
  -- espeak-ng cuts the names of files after 200 bytes, and other programs need the ending.
  local name = os.tmpname()
  local temporary = name .. ".wav"
  os.remove(name)
  speak(text, voice, style, temporary)
  if not engines[voice.program].styled then
    local samples = styled(mono(temporary), voice, style)
    kit.media.write_audio { path = temporary, samples = samples, sample_rate = sound.rate }
  end
  local spoken = mono(temporary)
  if kept then kit.copy_file { from = temporary, to = kept } end
  os.remove(temporary)
  return spoken
end

--- A speaker's voice in a language.
local function voice_of(speaker, language)
  return speech.recorded and speaker.recorded[language]
    or { program = "espeak-ng", name = speaker.voices[language] }
end

--- One sentence in these languages, of which the first is the original, all as long as that: mono sounds by language.
function speech.sentence(texts, speaker, manner, languages)
  local original = languages[1]
  local style = {
    rate = manner.rate,
    pitch = math.max(0, math.min(99, speaker.pitch + manner.pitch)),
    range = manner.range, lift = manner.pitch,
  }
  local said = { [original] = speech.say(texts[original], voice_of(speaker, original), style) }
  local length = said[original]:shape()[1]
  for n = 2, #languages do
    local language = languages[n]
    local voice = voice_of(speaker, language)
    local first = speech.say(texts[language], voice, style)
    local rate = manner.rate * first:shape()[1] / length
    local fitted = {
      rate = math.max(90, math.min(400, math.floor(rate))), pitch = style.pitch, range = style.range, lift = style.lift,
    }
    local dub = speech.say(texts[language], voice, fitted)
    dub = dub:slice(1, 1, math.min(length, dub:shape()[1]))
    said[language] = sound.place(dub, 0, length / sound.rate)
  end
  return said
end

return speech
