--- What the recipes of scripts share about their keys.
local keys = {}

--- The text of a key that may be empty; nil if it is.
function keys.given(text) return text ~= "" and text or nil end

--- The key `precision`. `of` says what computes: "the encoder".
function keys.precision(of)
  return {
    "float32", ("arithmetic of %s: float32 or bfloat16"):format(of), from = "ours", choices = { "float32", "bfloat16" },
  }
end

return keys
