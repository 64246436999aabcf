--- The tasks of a world, in HEAR's layout: the questions for a film of three seconds with one value of each factor.
--
--   event, scene                sound events and acoustic scenes
--   speaker, manner             paralinguistic
--   keyword, language           linguistic; a film of `language` is heard in one language, each equally often
--   av_event                    audiovisual: the films themselves instead of sounds
--
-- A film is in the same fold in every task, so that none is measured on films that another was trained on.

local kit = require "kit"
local hear = require "studio.hear"
local plan = require "studio.plan"

local tasks = {}

local Tasks = {}
Tasks.__index = Tasks

--- Every film is measured once, by a probe that was trained on the other folds, so all films carry the results.
local folds = { "fold00", "fold01", "fold02", "fold03", "fold04" }

--- Begins the tasks in a world's folder; without speech, tasks about speech are left out.
function tasks.open(folder, seconds, has_speech)
  local opened = setmetatable({ folder = folder, by_name = {} }, Tasks)
  local names = { "event", "scene", "av_event" }
  if has_speech then table.move({ "speaker", "manner", "keyword", "language" }, 1, 4, #names + 1, names) end
  for _, name in ipairs(names) do opened.by_name[name] = hear.task(folder .. "/tasks", name, seconds, folds) end
  kit.make_folder { path = folder .. "/sounds" }
  return opened
end

--- The sound of a film; nil is the language of the original.
function Tasks:sound(name, language)
  return ("%s/sounds/%s%s.wav"):format(self.folder, name, language and "." .. language or "")
end

--- The language in which the task about languages has a film.
local function language_of(random, languages, number) return plan.dealt(random, "language", languages, number) end

--- Writes the sounds of a film: tracks as one channel, as HEAR's are.
function Tasks:write(random, number, name, tracks, languages)
  local function write_mono(path, track) kit.media.write_audio { path = path, samples = track:mean(2, true) } end
  write_mono(self:sound(name), tracks[languages[1]])
  local language = language_of(random, languages, number)
  if self.by_name.language then write_mono(self:sound(name, language), tracks[language]) end
end

--- Adds the finished film at the path `film`, whose sounds are written, to all tasks.
function Tasks:add(random, number, name, film, this, languages)
  local fold = plan.dealt(random, "fold", folds, number)
  local sound = self:sound(name)
  local event = this.shots[1].events[1].name
  local function add(task, file, label)
    if self.by_name[task] then self.by_name[task]:add(fold, file, label) end
  end
  add("event", sound, event)
  add("scene", sound, this.shots[1].scene.name)
  add("av_event", film, event)
  if not self.by_name.keyword then return end
  add("speaker", sound, this.speaker.name)
  add("manner", sound, this.manner.name)
  add("keyword", sound, this.lines[1].phrase.keyword[languages[1]])
  local language = language_of(random, languages, number)
  add("language", self:sound(name, language), language)
end

--- Writes the lists of all tasks.
function Tasks:close()
  for _, task in pairs(self.by_name) do task:close() end
end

return tasks
