--- Writes the reference of the Swift API as Markdown, from symbol graphs (scripts/dev/symbols.sh): a page for each
--- module and README.md, an index of all types. `dubkit help swift NAME` reads the pages: a type is a heading of level
--- 2, a member one of level 3.
---
---     dubkit run scripts/dev/swift_reference.lua --set symbols=.build/symbols --set out=.build/lib/dubkit/swift
local kit = require "kit"

local cfg = kit.recipe { symbols = ".build/symbols", out = ".build/lib/dubkit/swift", seed = 0 }

local note = "Generated from the declarations of this build."
-- What each module is for an author of plugins, those first that are needed first, with the symbol graphs that also
-- belong to it: extensions of other modules' types.
local modules = {
  { "KitTensor", "tensors, their operations and gradients, autograd, the profiler" },
  { "KitModel", "modules, layers, the protocols of encoders, losses and optimizers, weights", "KitTensor" },
  { "KitCore", "plugins and their options, errors, random streams, what Lua sees of an object" },
  { "KitData", "clips and batches, the protocols of samplers and augmentations", "KitMedia", "KitTensor" },
  { "KitMedia", "films and sounds: tracks, waveforms, spectrograms" },
  { "KitTraining", "training, run folders, messages and progress", "KitCore", "KitData" },
  { "KitEvaluation", "features of trained runs, the protocols of probes and metrics", "KitData" },
}

local function set(words)
  local found = {}
  for word in words:gmatch "%S+" do found[word] = true end
  return found
end

local types = set "swift.class swift.struct swift.enum swift.protocol swift.typealias"
-- Declarations that connect a type to Lua, or that the compiler makes.
local plumbing = set [[
  scriptTypeName scriptSummary scriptMethods scriptFields scriptDescription scriptDisplay scriptLine optionTypeName
  optionText optionValue init(option:) hash(into:) hashValue ==(_:_:) !=(_:_:) encode(to:) init(from:) init(rawValue:)
  rawValue RawValue]]
local unshown_parents = set "Sendable SendableMetatype Copyable Escapable BitwiseCopyable"

local function read(module, other)
  local path = ("%s/%s/%s%s.symbols.json"):format(cfg.symbols, module, module, other and "@" .. other or "")
  return kit.read_json { path = path }
end

local function joined(list, field, separator)
  local words = {}
  for i, item in ipairs(list or {}) do words[i] = item[field] end
  return table.concat(words, separator)
end

--- What is shown of a symbol; nil if it is left out.
local function symbol(raw)
  local path, location, comment = raw.pathComponents, raw.location, raw.docComment
  if plumbing[path[#path]] or raw.identifier.precise:find("::SYNTHESIZED::", 1, true) then return nil end
  -- An override has the comment of the member that it overrides, unless it has its own.
  local is_own = comment and (not location or not comment.uri or comment.uri == location.uri)
  return {
    kind = raw.kind.identifier, id = raw.identifier.precise, last = path[#path], name = table.concat(path, "."),
    owner = table.concat(path, ".", 1, #path - 1), declaration = joined(raw.declarationFragments, "spelling", ""),
    file = location and location.uri:match "/Sources/Kit/(.*)" or "", line = location and location.position.line or 0,
    text = is_own and joined(comment.lines, "text", "\n"):gsub("^%s+", ""):gsub("%s+$", "") or "",
  }
end

local function in_order(a, b)
  if a.file ~= b.file then return a.file < b.file end
  if a.line ~= b.line then return a.line < b.line end
  return a.name < b.name
end

--- All symbols of a module in the order of its files, and the types that each type inherits from or conforms to.
local function contents(name, others)
  local symbols, names, edges = {}, {}, {}
  for i = 0, #others do
    local graph = read(name, others[i])
    for _, raw in ipairs(graph.symbols) do
      local shown = symbol(raw)
      if shown then
        symbols[#symbols + 1], names[shown.id] = shown, shown.name
      end
    end
    for _, edge in ipairs(graph.relationships) do
      if edge.kind == "inheritsFrom" or edge.kind == "conformsTo" then edges[#edges + 1] = edge end
    end
  end
  table.sort(symbols, in_order)
  local parents = {}
  for _, edge in ipairs(edges) do
    local parent = names[edge.target] or (edge.targetFallback or ""):match "[^.]*$"
    if parent ~= "" and not unshown_parents[parent] then
      local list = parents[edge.source] or {}
      -- The superclass comes first.
      list[#list + 1] = (edge.kind == "inheritsFrom" and " " or "") .. parent
      parents[edge.source] = list
    end
  end
  for id, list in pairs(parents) do
    table.sort(list)
    parents[id] = table.concat(list, ", "):gsub("^ ", "")
  end
  return symbols, parents
end

local function section(heading, declaration, text)
  return heading .. "\n\n```swift\n" .. declaration .. "\n```" .. (text ~= "" and "\n\n" .. text or "")
end

--- The page of a module, and its types.
local function page(name, purpose, others)
  local symbols, parents = contents(name, others)
  local members, own, outside = {}, {}, {}
  for _, item in ipairs(symbols) do
    if types[item.kind] then
      own[#own + 1], members[item.name] = item, members[item.name] or {}
    end
  end
  for _, item in ipairs(symbols) do
    if not types[item.kind] then
      if not members[item.owner] then
        members[item.owner], outside[#outside + 1] = {}, item.owner
      end
      table.insert(members[item.owner], item)
    end
  end
  table.sort(outside)
  local lines = { ("# %s: %s"):format(name, purpose), note }
  local function add_members(owner)
    for _, item in ipairs(members[owner]) do
      lines[#lines + 1] = section("### `" .. item.last .. "`", item.declaration, item.text)
    end
  end
  for _, item in ipairs(own) do
    local head = item.declaration
    if parents[item.id] and item.kind ~= "swift.typealias" then head = head .. ": " .. parents[item.id] end
    lines[#lines + 1] = section("## " .. item.name, head, item.text)
    add_members(item.name)
  end
  for _, owner in ipairs(outside) do
    lines[#lines + 1] = "## " .. (owner == "" and "Functions" or "Additions to " .. owner)
    add_members(owner)
  end
  return table.concat(lines, "\n\n") .. "\n", own
end

--- The first sentence of a comment, on one line.
local function summary(text)
  local paragraph = text:match("^(.-)\n\n") or text
  paragraph = paragraph:gsub("%s+", " ")
  return paragraph:match "^(.-%.) %u" or paragraph
end

local index = {
  "# The Swift API", note,
  "All of it comes with `import Kit`. `dubkit help swift Linear` and `dubkit help swift Tensor.matmul` show the same "
    .. "in a terminal. The guide `docs/guide/swift-encoder.md` is the way in.",
}
for _, module in ipairs(modules) do
  local name = module[1]
  local text, own = page(name, module[2], { table.unpack(module, 3) })
  kit.write_text { path = ("%s/%s.md"):format(cfg.out, name), text = text }
  table.sort(own, function(a, b) return a.name:lower() < b.name:lower() end)
  local rows = {}
  for i, item in ipairs(own) do
    local anchor = item.name:lower():gsub("[^%w_-]", "")
    local about = item.text ~= "" and ": " .. summary(item.text) or ""
    rows[i] = ("- [`%s`](%s.md#%s)%s"):format(item.name, name, anchor, about)
  end
  index[#index + 1] = ("## [%s](%s.md): %s\n\n%s"):format(name, name, module[2], table.concat(rows, "\n"))
end
kit.write_text { path = cfg.out .. "/README.md", text = table.concat(index, "\n\n") .. "\n" }
