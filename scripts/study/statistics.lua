--- Means over seeds with their intervals, trends, and what a study could find.
local statistics = {}

--- The probability that Student's t with whole degrees of freedom is between -t and t (Abramowitz and Stegun 1964,
--- 26.7.3 and 26.7.4).
local function within(t, degrees)
  local angle = math.atan(t / math.sqrt(degrees))
  local sine, cosine = math.sin(angle), math.cos(angle)
  local odd = degrees % 2 == 1
  local term, sum = odd and cosine or 1, 0
  for n = odd and 3 or 2, degrees, 2 do
    sum = sum + term
    term = term * cosine * cosine * (n - 1) / n
  end
  return odd and 2 / math.pi * (angle + sine * sum) or sine * sum
end

--- The t that is not exceeded with a probability of `share`, 0.5 to 1.
function statistics.quantile(share, degrees)
  local low, high = 0, 1
  while within(high, degrees) < 2 * share - 1 do high = 2 * high end
  for _ = 1, 60 do
    local middle = (low + high) / 2
    if within(middle, degrees) < 2 * share - 1 then low = middle else high = middle end
  end
  return high
end

--- The mean of some figures and their standard deviation, nil for that of a single figure.
function statistics.moments(values)
  local sum, squares = 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / #values
  if #values < 2 then return mean, nil end
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return mean, math.sqrt(squares / (#values - 1))
end

--- The mean of some figures; half the width of its 95 % interval by Student's t; the probability of a mean that is at
--- least as far from 0 if the true one is 0 (two-sided t-test). The last two are nil for a single figure.
function statistics.mean(values)
  local mean, deviation = statistics.moments(values)
  if not deviation then return mean end
  local degrees, error_of_mean = #values - 1, deviation / math.sqrt(#values)
  local p = error_of_mean > 0 and 1 - within(math.abs(mean) / error_of_mean, degrees) or mean == 0 and 1 or 0
  return mean, statistics.quantile(0.975, degrees) * error_of_mean, p
end

--- The slope of the line through points { x, y } with the least squared error; nil if all have one x.
function statistics.slope(points)
  local mean_x, mean_y, product, square = 0, 0, 0, 0
  for _, point in ipairs(points) do mean_x, mean_y = mean_x + point[1] / #points, mean_y + point[2] / #points end
  for _, point in ipairs(points) do
    product = product + (point[1] - mean_x) * (point[2] - mean_y)
    square = square + (point[1] - mean_x) ^ 2
  end
  return square > 0 and product / square or nil
end

--- The power calculation: the number of seeds with which a true difference of `effect` would be found at the 5 % level
--- with a probability of 80 %, where differences have this standard deviation.
function statistics.seeds(deviation, effect)
  local seeds = 2
  while seeds < 1000 do
    local quantiles = statistics.quantile(0.975, seeds - 1) + statistics.quantile(0.8, seeds - 1)
    if quantiles * deviation / math.sqrt(seeds) <= effect then break end
    seeds = seeds + 1
  end
  return seeds
end

return statistics
