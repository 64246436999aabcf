-- What a recipe prints begins on an empty line, also where a line of progress is shown.
local clear_progress, raw_print, raw_write = (...).clear_progress, print, io.write

function print(...)
  clear_progress()
  return raw_print(...)
end

function io.write(...)
  clear_progress()
  return raw_write(...)
end
