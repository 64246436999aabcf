--- Speech programs: each writes what a text says to a .wav file. The commands are lists of words, of which the first is
--- the program.
--
--   package   what to install
--   command   for a text, a voice, a style (`rate` in words per minute, `pitch` and `range` from 0 to 99) and the path;
--             `file` is a file with the text
--   encoding  of that file, if the program reads no UTF-8
--   styled    whether the program speaks in the style; of the others, the sound is changed afterwards

local engines = {}

engines["espeak-ng"] = {
  package = "espeak-ng", styled = true,
  command = function(text, voice, style, path)
    local marked = ('<prosody range="%d%%">%s</prosody>'):format(style.range * 2, text)
    return { "espeak-ng", "-m", "-v", voice, "-s", style.rate, "-p", style.pitch, "-w", path, marked }
  end,
}

engines.flite = {
  package = "flite",
  command = function(text, voice, _, path) return { "flite", "-voice", voice, "-o", path, "-t", text } end,
}

engines.festival = {
  package = "festival festvox-italp16k festvox-itapc16k festvox-suopuhe-lj festvox-suopuhe-mv",
  encoding = "latin1",
  command = function(_, voice, _, path, file)
    return { "text2wave", "-eval", ("(voice_%s)"):format(voice), "-o", path, file }
  end,
}

return engines
