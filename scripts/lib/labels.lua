--- Shared by recipes that learn from labels: the loss of a task, its measurements, and mixup.
local kit = require "kit"

local labels = {}

--- A number from Beta(alpha, alpha), by Jöhnk's method.
local function share(random, alpha)
  while true do
    local a, b = random:uniform() ^ (1 / alpha), random:uniform() ^ (1 / alpha)
    if a + b > 0 and a + b <= 1 then return a / (a + b) end
  end
end

--- Mixup (Zhang et al. 2018): each clip of a batch with another one. Returns a function that mixes a tensor
--- [batch, ..] of the batch, and the mixed targets [batch, classes]. It mixes clips of one batch, so it belongs into
--- the step and not among the augmentations, which change one clip at a time.
---
---   classes   the labels of the batch, as in batch.classes
---   count     number of classes
---   alpha     of the distribution Beta(alpha, alpha) of the shares
---   random    of kit.random
function labels.mixup(classes, count, alpha, random)
  local batch = #classes
  local partners = random:permutation(batch)
  local own = share(random, alpha)
  local targets
  if type(classes[1]) == "table" then
    targets = kit.tensor.from(classes)
  else
    targets = kit.tensor.one_hot { labels = classes, classes = count }
  end
  local function mix(x) return x * own + x:gather(partners) * (1 - own) end
  return mix, mix(targets)
end

--- The loss of a task: softmax for one class per item, sigmoids for several.
---
---   task        a labelled dataset
---   smoothing   share of each target that is spread over all classes
---   positive    factor of positives, for tasks with several labels
function labels.loss(task, smoothing, positive)
  if task.multi_label then return kit.loss.binary_cross_entropy { positive_weight = positive } end
  return kit.loss.cross_entropy { label_smoothing = smoothing }
end

--- The metrics of a task by name; the first is the one to choose by.
function labels.metrics(task)
  if task.multi_label then
    return { { "mean_average_precision", kit.metric.mean_average_precision {} }, { "roc_auc", kit.metric.roc_auc {} } }
  end
  local all = { { "top1", kit.metric.top1 {} }, { "balanced_accuracy", kit.metric.balanced_accuracy {} } }
  if #task:classes() > 5 then all[#all + 1] = { "top5", kit.metric.top_k { k = 5 } } end
  return all
end

--- Labels as metrics take them: the places of the ones instead of a 1 or 0 for each class.
local function truth(class)
  if type(class) ~= "table" then return class end
  local places = {}
  for place, value in ipairs(class) do
    if value == 1 then places[#places + 1] = place end
  end
  return places
end

--- The scores of all clips of a split, averaged over the clips of each item: a tensor [items, classes], and lists of
--- the items' labels and films.
---
---   films    a film dataset of a labelled dataset
---   logits   a function of a batch
function labels.scores(films, logits, batch_size)
  local batches = films:batches(kit.sampler.sequential { batch = batch_size })
  local sums, counts, order, classes, groups = {}, {}, {}, {}, {}
  for _ = 1, #batches do
    local batch = batches:next()
    local rows = kit.no_grad { function() return logits(batch) end }
    for row, id in ipairs(batch.ids) do
      local item = id:match "^(.*):[^:]*$" or id
      if not sums[item] then
        order[#order + 1], counts[item] = item, 0
        classes[#order], groups[#order] = truth(batch.classes[row]), batch.films[row]
      end
      sums[item] = sums[item] and sums[item] + rows[row] or rows[row]
      counts[item] = counts[item] + 1
    end
  end
  local list = {}
  for place, item in ipairs(order) do list[place] = sums[item] / counts[item] end
  return kit.tensor.stack(list), classes, groups
end

--- Every metric of scores, as a table by name.
function labels.measure(metrics, scores, classes)
  local values = {}
  for _, metric in ipairs(metrics) do values[metric[1]] = metric[2](scores, classes) end
  return values
end

--- A metric with its interval, by draws of whole films.
function labels.interval(metric, scores, classes, groups, seed)
  return kit.bootstrap(function(items)
    local drawn = {}
    for place, item in ipairs(items) do drawn[place] = classes[item] end
    local ok, value = pcall(metric, scores:gather(items), drawn)
    -- A draw may lack the classes that a metric needs.
    return ok and value or nil
  end, { groups = groups, seed = seed })
end

return labels
