--- A name for kept work: FNV-1a of texts, as 16 hexadecimal digits.
return function(...)
  local value = 0xcbf29ce484222325
  local text = table.concat({ ... }, "\0")
  for n = 1, #text do value = (value ~ text:byte(n)) * 0x100000001b3 end
  return ("%016x"):format(value)
end
