--- Writes tasks in the layout of HEAR 2021 (Turian et al. 2022) with folds: a folder with task_metadata.json,
--- labelvocabulary.csv, fold00.json and on, and files under 48000/<fold>/.

local kit = require "kit"
local json = require "studio.json"
local shell = require "studio.shell"

local hear = {}

local Task = {}
Task.__index = Task

--- An empty task with one class per file.
function hear.task(folder, name, seconds, folds)
  local files = {}
  for _, fold in ipairs(folds) do
    files[fold] = {}
    kit.make_folder { path = ("%s/%s/48000/%s"):format(folder, name, fold) }
  end
  return setmetatable({ folder = folder .. "/" .. name, name = name, seconds = seconds, folds = folds, files = files },
    Task)
end

--- Adds a file, which other tasks may share: it is linked, or copied where the file system has no links.
function Task:add(fold, file, label)
  local name = file:match "[^/]+$"
  local path = ("%s/48000/%s/%s"):format(self.folder, fold, name)
  if not shell.run("ln", "-f", "--", file, path) then kit.copy_file { from = file, to = path } end
  self.files[fold][name] = { label }
end

--- Writes the lists, which completes the task.
function Task:close()
  local seen, classes = {}, {}
  for fold, files in pairs(self.files) do
    for _, labels in pairs(files) do
      if not seen[labels[1]] then
        seen[labels[1]] = true
        classes[#classes + 1] = labels[1]
      end
    end
    kit.write_text { path = ("%s/%s.json"):format(self.folder, fold), text = json.encode(files) .. "\n" }
  end
  table.sort(classes)
  local vocabulary = { "idx,label" }
  for n, class in ipairs(classes) do vocabulary[n + 1] = ("%d,%s"):format(n - 1, class) end
  kit.write_text { path = self.folder .. "/labelvocabulary.csv", text = table.concat(vocabulary, "\n") .. "\n" }
  local metadata = json.encode {
    task_name = self.name, version = "world", embedding_type = "scene", prediction_type = "multiclass",
    split_mode = "new_split_kfold", nfolds = #self.folds, splits = self.folds, sample_duration = self.seconds,
    evaluation = { "top1_acc" }, mode = "full", default_mode = "full",
  }
  kit.write_text { path = self.folder .. "/task_metadata.json", text = metadata .. "\n" }
end

return hear
