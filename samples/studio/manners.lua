--- Manners of speech. The dubs keep the original's manner.
--
--   rate     words per minute, as the speech program counts them
--   pitch    added to the speaker's pitch (0 to 99)
--   range    how far the voice rises and falls, 50 is the default
--   gain     loudness, in dB
--   gesture  how much the figure moves while it speaks, 1 is the default

return {
  { name = "calm", rate = 150, pitch = -8, range = 35, gain = 0, gesture = 0.6 },
  { name = "lively", rate = 190, pitch = 12, range = 85, gain = 1, gesture = 1.6 },
  { name = "hushed", rate = 140, pitch = -14, range = 20, gain = -6, gesture = 0.3 },
  { name = "urgent", rate = 215, pitch = 6, range = 60, gain = 4, gesture = 2.2 },
}
