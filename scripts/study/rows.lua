--- The rows of the study's tables: systems to train, and what they have to be better than.
--
--   recipe      trains it, below scripts/pretrain
--   set         keys of the recipe, in addition to those that all rows share
--   films       set of films it is trained on: films (the default), films of another domain, or films_separated, whose
--               track without speech is a separator's work
--   weights     nothing is trained: "random" (encoders with fresh weights), "mean_log_mel" (no network) or "majority"
--               (no features) replace the encoders of the row `of`
--   alone       it is the same for every seed, so that one is enough
--   probe       set of films it is measured on: probe (the default), or probe of another domain
--   trained_as  the row whose run it shares, if its own name is not that of the run

local function row(name, title, recipe, set, more)
  local made = { name = name, title = title, recipe = recipe, set = set or {}, films = "films", probe = "probe" }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local function untrained(name, title, weights, of, alone)
  return row(name, title, nil, nil, { weights = weights, of = of, alone = alone })
end

local av = row("av", "SimCLR_AV", "simclr_av")
local efj = row("efj", "+EFJ", "simclr_dub", { secondary = "es,fr,ja" })
local es = row("es", "+ES", "simclr_dub", { secondary = "es" })

--- The same row with something changed, under another name.
local function changed(of, name, title, set, more)
  local all = {}
  for key, value in pairs(of.set) do all[key] = value end
  for key, value in pairs(set) do all[key] = value end
  local made = row(name, title, of.recipe, all, more)
  made.films = more and more.films or of.films
  return made
end

local main = {
  untrained("majority", "majority class", "majority", "av", true),
  untrained("mean_log_mel", "mean log-mel", "mean_log_mel", "av", true),
  untrained("random", "random encoder", "random", "av"),
  av,
  es,
  row("fr", "+FR", "simclr_dub", { secondary = "fr" }),
  row("ja", "+JA", "simclr_dub", { secondary = "ja" }),
  efj,
  row("sep", "SimCLR_SEP", "simclr_sep", nil, { films = "films_separated" }),
  row("no_speech", "SimCLR_SEP, perfect separation", "simclr_sep"),
  row("aa", "A-A", "audio_audio"),
  row("aa_dub", "A-A dub", "audio_audio", { secondary = "es,fr,ja" }),
  row("v2", "v2 objective", "simclr_v2", { secondary = "es,fr,ja" }),
}

local hard_negatives = {}
for _, k in ipairs { 0, 4, 12 } do
  for _, of in ipairs { av, efj } do
    local title = ("%s, k = %d"):format(of.title, k)
    hard_negatives[#hard_negatives + 1] = changed(of, ("%s_k%d"):format(of.name, k), title, { k = k })
  end
end

local languages = { av, es }
for _, pair in ipairs { "es,fr", "es,ja", "fr,ja" } do
  languages[#languages + 1] = changed(es, pair:gsub(",", "_"), "+" .. pair:upper():gsub(",", "+"), { secondary = pair })
end
languages[#languages + 1] = efj
languages[#languages + 1] = changed(efj, "efj_all", "+EFJ, all dubs in each step", { policy = "all" })

local offsets = { av, es }
for _, shift in ipairs { 0.125, 0.25, 0.5 } do
  local milliseconds = math.floor(shift * 1000 + 0.5)
  local title = ("+ES, up to %d ms off"):format(milliseconds)
  offsets[#offsets + 1] = changed(es, ("es_off%d"):format(milliseconds), title, { dub_offset = shift })
end

local domains = {}
for _, of in ipairs { av, efj } do
  for _, from in ipairs { "film", "vlog", "ink" } do
    for _, to in ipairs { "film", "vlog", "ink" } do
      local function set(name, domain) return domain == "film" and name or name .. "_" .. domain end
      domains[#domains + 1] = changed(of, ("%s_%s_%s"):format(of.name, from, to),
        ("%s, %s to %s"):format(of.title, from, to), {},
        { films = set("films", from), probe = set("probe", to), trained_as = set(of.name, from) })
    end
  end
end

--- Studies by name. The others are compared with the row named in `reference`.
return {
  main = { title = "Training variants", rows = main, reference = "av" },
  k = { title = "Hard negatives", rows = hard_negatives, reference = "av_k0" },
  languages = { title = "Languages of the dubs", rows = languages, reference = "av" },
  offset = { title = "Dubs that do not fit in time", rows = offsets, reference = "av" },
  domain = { title = "From one domain to another", rows = domains, reference = "av_film_film" },
}
