// The script that keeps the circuits of a fleet. It runs in the engine as one step, with the engine's own time.
#include "core/fleet/shared_circuits.hpp"

namespace gateway {

// KEYS: the circuits. ARGV: the channel, this gateway, and for each report SORT RESOURCE NAME, the number that it knows, what happened, for
// how long it is open, the streak, and whether it wants the probe. A record: the number of the opening, when it becomes half-open (0: it is
// closed), the streak, the gateway that probes, its lease (of a closed one: when it is forgotten), and the gateway that probes next.
const engine_script& circuit_script() {
  static const engine_script script{R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local circuits, channel, me = KEYS[1], ARGV[1], ARGV[2]
local lease, ages, most, precedence, news = 2000, 3600000, 4096, 600, false
local function parse(text)
  local a, b, c, d, e, f = string.match(text or '', '^(%d+) (%d+) (%d+) (%S+) (%d+) (%S+)$')
  if not a then return nil end
  return {number = tonumber(a), opens = tonumber(b), streak = tonumber(c), prober = d, leased = tonumber(e), following = f}
end
local function is_led(one) return one.prober ~= '-' and one.leased >= now and one.leased <= now + lease end
-- Another gateway asked while this one probed.
local function is_promised(one)
  return one.following ~= '-' and one.following ~= me and now < one.opens + precedence
end

for at = 3, #ARGV, 6 do
  local name, event, wants = ARGV[at], ARGV[at + 2], ARGV[at + 5] == '1'
  local known, span, streak = tonumber(ARGV[at + 1]) or 0, math.min(tonumber(ARGV[at + 3]) or 0, ages), tonumber(ARGV[at + 4]) or 0
  local stored = parse(redis.call('HGET', circuits, name) or nil)
  local one = stored or {number = 0, opens = 0, streak = 0, prober = '-', leased = 0, following = '-'}
  local opens = one.opens
  if event == 'closed' then
    -- What is known to be closed is forgotten later: all gateways must have heard of it.
    if opens > 0 and known == one.number then one.opens, one.streak, one.leased, news = 0, 0, now + 10000, true end
  elseif event == 'opened' and (opens == 0 or known >= one.number) then
    one.number, one.opens, one.streak, news = math.max(one.number, known) + 1, now + span, math.max(one.streak, streak), true
    one.prober = '-'
  elseif opens > 0 and known <= one.number then
    if event ~= 'unchanged' and now + span > opens then one.opens, news = now + span, true end
  elseif known > one.number then
    -- The engine has lost what it knew.
    one.number, one.opens, one.streak, one.prober, one.following = known, now + span, streak, '-', '-'
  end
  if one.opens == 0 then
    one.prober, one.following = '-', '-'
  elseif is_led(one) and one.prober ~= me then
    if wants and one.following == '-' then one.following = me end
  elseif wants and now >= one.opens and (one.prober == me or not is_promised(one)) then
    if one.prober ~= me then one.following = '-' end
    one.prober, one.leased = me, now + lease
  elseif one.prober ~= '-' then
    one.prober, news = '-', true
  end
  if stored or (one.opens > 0 and redis.call('HLEN', circuits) < most) then
    redis.call('HSET', circuits, name, string.format('%.0f %.0f %.0f %s %.0f %s', one.number, one.opens, one.streak, one.prober,
               one.leased, one.following))
  end
end
if news then redis.call('PUBLISH', channel, 'circuits ' .. me) end

local reply, all = {}, redis.call('HGETALL', circuits)
for i = 1, #all, 2 do
  local one = parse(all[i + 1])
  local over = not one or one.opens == 0 and (now >= one.leased or one.leased > now + ages) or
               one.opens > 0 and (now >= one.opens + ages or one.opens > now + ages)
  if over then
    redis.call('HDEL', circuits, all[i])
  else
    local probe = 0
    if one.opens == 0 then
      probe = 0
    elseif is_led(one) then
      probe = one.prober == me and 1 or 2
    elseif now >= one.opens and is_promised(one) then
      probe = 2
    end
    for _, item in ipairs({all[i], one.number, one.opens > 0 and 1 or 0, math.max(one.opens - now, 0), one.streak, probe}) do
      reply[#reply + 1] = item
    end
  end
end
if #all > 0 then redis.call('PEXPIRE', circuits, ages) end
return reply
)lua"};
  return script;
}

}  // namespace gateway
