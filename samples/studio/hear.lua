--- Writes tasks in the layout of HEAR 2021 (Turian et al. 2022) with folds: a folder with task_metadata.json,
--- labelvocabulary.csv, fold00.json and on, and files under 48000/<fold>/.

local json = require "studio.json"
local shell = require "studio.shell"

local hear = {}

local Task = {}
Task.__index = Task

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
end

--- A task of one class a file, empty yet.
function hear.task(folder, name, seconds, folds)
  local files = {}
  for _, fold in ipairs(folds) do
    files[fold] = {}
    assert(shell.run("mkdir", "-p", ("%s/%s/48000/%s"):format(folder, name, fold)))
  end
  return setmetatable({ folder = folder .. "/" .. name, name = name, seconds = seconds, folds = folds, files = files },
    Task)
end

--- Adds a file, which other tasks may share: it is linked, not copied.
function Task:add(fold, file, label)
  local name = file:match "[^/]+$"
  local path = ("%s/48000/%s/%s"):format(self.folder, fold, name)
  if not shell.run("ln", "-f", file, path) then error("cannot link " .. path) end
  self.files[fold][name] = { label }
end

--- Writes the lists. The task is complete then.
function Task:close()
  local seen, classes = {}, {}
  for fold, files in pairs(self.files) do
    for _, labels in pairs(files) do
      if not seen[labels[1]] then
        seen[labels[1]] = true
        classes[#classes + 1] = labels[1]
      end
    end
    write(("%s/%s.json"):format(self.folder, fold), json.encode(files) .. "\n")
  end
  table.sort(classes)
  local vocabulary = { "idx,label" }
  for n, class in ipairs(classes) do vocabulary[n + 1] = ("%d,%s"):format(n - 1, class) end
  write(self.folder .. "/labelvocabulary.csv", table.concat(vocabulary, "\n") .. "\n")
  write(self.folder .. "/task_metadata.json", json.encode {
    task_name = self.name, version = "world", embedding_type = "scene", prediction_type = "multiclass",
    split_mode = "new_split_kfold", nfolds = #self.folds, splits = self.folds, sample_duration = self.seconds,
    evaluation = { "top1_acc" }, mode = "full", default_mode = "full",
  } .. "\n")
end

return hear
