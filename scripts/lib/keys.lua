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

--- Where the results of a run go unless the key `results` says it: the run's folder, or next to a file of
--- dubkit weights convert.
function keys.results(text, run)
  local folder = run.path:match "^(.*)/[^/]*%.safetensors$" or run.path:match "%.safetensors$" and "."
  return keys.given(text) or folder and folder .. "/results.jsonl" or run.path
end

return keys
