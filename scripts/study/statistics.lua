--- Means over seeds with their intervals.
local statistics = {}

--- Student's t at 97.5 % by degrees of freedom; from 31 on the last one is near enough.
local quantiles = {
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
  2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042, 2.040,
}

--- The mean of some figures and half the width of its 95 % interval by Student's t; nil for that of a single figure.
function statistics.mean(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / #values
  if #values < 2 then return mean, nil end
  local squares = 0
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  local deviation = math.sqrt(squares / (#values - 1))
  return mean, quantiles[math.min(#values - 1, #quantiles)] * deviation / math.sqrt(#values)
end

return statistics
