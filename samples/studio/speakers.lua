--- The speakers: a figure's look and its voices. Each dub is spoken by another voice, as by another actor.
--
--   voices    a voice of espeak-ng and a variant of it, by language
--   recorded  the voice of a recorded person, by language, where Debian has one: the program, its name of the voice and
--             optionally by how many semitones it is moved, which makes another voice of the same recordings
--   pitch     0 to 99, 50 is the default
--   height    of the figure, as a share of the image's
--   hair      "short", "long" or "hat"

return {
  {
    name = "Ada", height = 0.62, width = 0.95, hair = "long", pitch = 56,
    skin = { 0.94, 0.78, 0.66 }, hair_colour = { 0.35, 0.18, 0.08 }, shirt = { 0.80, 0.16, 0.22 },
    voices = {
      eng = "en-us+f2", spa = "es+f3", fra = "fr-fr+f4", jpn = "ja+f1",
      deu = "de+f2", ita = "it+f3", fin = "fi+f1",
    },
    recorded = {
      eng = { program = "flite", name = "slt" },
      ita = { program = "festival", name = "lp_diphone" },
      fin = { program = "festival", name = "suo_fi_lj_diphone" },
    },
  },
  {
    name = "Bruno", height = 0.70, width = 1.20, hair = "short", pitch = 34,
    skin = { 0.80, 0.60, 0.46 }, hair_colour = { 0.10, 0.09, 0.10 }, shirt = { 0.15, 0.30, 0.70 },
    voices = {
      eng = "en-us+m3", spa = "es+m1", fra = "fr-fr+m7", jpn = "ja+m4",
      deu = "de+m3", ita = "it+m1", fin = "fi+m2",
    },
    recorded = {
      eng = { program = "flite", name = "rms" },
      ita = { program = "festival", name = "pc_diphone" },
      fin = { program = "festival", name = "hy_fi_mv_diphone" },
    },
  },
  {
    name = "Celia", height = 0.55, width = 1.05, hair = "short", pitch = 68,
    skin = { 0.55, 0.38, 0.28 }, hair_colour = { 0.85, 0.85, 0.82 }, shirt = { 0.95, 0.75, 0.15 },
    voices = {
      eng = "en-gb+f4", spa = "es-419+f1", fra = "fr-fr+f2", jpn = "ja+f3",
      deu = "de+f4", ita = "it+f1", fin = "fi+f3",
    },
    recorded = {
      eng = { program = "flite", name = "slt", semitones = -3 },
      ita = { program = "festival", name = "lp_diphone", semitones = -3 },
      fin = { program = "festival", name = "suo_fi_lj_diphone", semitones = -3 },
    },
  },
  {
    name = "Davit", height = 0.72, width = 0.90, hair = "hat", pitch = 42,
    skin = { 0.90, 0.72, 0.58 }, hair_colour = { 0.20, 0.42, 0.20 }, shirt = { 0.30, 0.55, 0.25 },
    voices = {
      eng = "en-gb-scotland+m2", spa = "es+m7", fra = "fr-be+m3", jpn = "ja+m1",
      deu = "de+m2", ita = "it+m7", fin = "fi+m1",
    },
    recorded = {
      eng = { program = "flite", name = "awb" },
      ita = { program = "festival", name = "pc_diphone", semitones = 2 },
      fin = { program = "festival", name = "hy_fi_mv_diphone", semitones = 2 },
    },
  },
  {
    name = "Emi", height = 0.58, width = 0.85, hair = "long", pitch = 74,
    skin = { 0.97, 0.85, 0.74 }, hair_colour = { 0.06, 0.05, 0.08 }, shirt = { 0.55, 0.25, 0.65 },
    voices = {
      eng = "en-us+f5", spa = "es+f4", fra = "fr-fr+f1", jpn = "ja+f2",
      deu = "de+f5", ita = "it+f4", fin = "fi+f2",
    },
    recorded = {
      eng = { program = "flite", name = "slt", semitones = 3 },
      ita = { program = "festival", name = "lp_diphone", semitones = 3 },
      fin = { program = "festival", name = "suo_fi_lj_diphone", semitones = 3 },
    },
  },
  {
    name = "Farid", height = 0.66, width = 1.10, hair = "hat", pitch = 26,
    skin = { 0.66, 0.47, 0.35 }, hair_colour = { 0.75, 0.30, 0.10 }, shirt = { 0.88, 0.88, 0.85 },
    voices = {
      eng = "en-us+m7", spa = "es-419+m5", fra = "fr-ch+m6", jpn = "ja+m8",
      deu = "de+m7", ita = "it+m5", fin = "fi+m8",
    },
    recorded = {
      eng = { program = "flite", name = "kal16" },
      ita = { program = "festival", name = "pc_diphone", semitones = -2 },
      fin = { program = "festival", name = "hy_fi_mv_diphone", semitones = -2 },
    },
  },
}
