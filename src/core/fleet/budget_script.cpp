// The scripts that count slots, and gateways. Each runs in the engine as one step, with the engine's own time.
#include "core/fleet/shared_budget.hpp"

namespace gateway {

// KEYS: the budget; the gateways that wait for a slot of each kind, the one that holds least first, and of equals the one that waits
// longest; the gateways that are alive. The budget has a field `r:ID` for each gateway: its slots of each kind, those of them that it was
// handed and has not reported yet, when it reported, and how long its exchanges may go on without it.
const engine_script& budget_script() {
  static const engine_script script{R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local budget, waiting, alive = KEYS[1], {KEYS[2], KEYS[3]}, KEYS[4]
local channel, account, me = ARGV[1], ARGV[2], ARGV[3]
local function given(at) return tonumber(ARGV[at]) or 0 end
local used, wanted, spare = {given(4), given(5)}, {given(6), given(7)}, {given(8), given(9)}
local reserve, my_epoch = given(10), given(11)
local proposed, part, sharers = given(15), given(18), given(19)
local lease, ages, apart = 2000, 3600000, 10000000000000

local function field(name) return tonumber(redis.call('HGET', budget, name)) or 0 end
local function parse(text)
  local a, b, c, d, seen, reserved = string.match(text or '', '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
  if not a then return nil end
  return {slots = {tonumber(a), tonumber(b)}, handed = {tonumber(c), tonumber(d)}, seen = tonumber(seen), reserved = tonumber(reserved)}
end
local function write(id, one)
  redis.call('HSET', budget, 'r:' .. id, string.format('%.0f %.0f %.0f %.0f %.0f %.0f', one.slots[1], one.slots[2], one.handed[1],
             one.handed[2], one.seen, one.reserved))
end
-- A report that comes from the future was written under another clock.
local function lives(one, more) return now <= one.seen + lease + more and one.seen <= now + lease end

-- Now and then all slots are counted anew, and the gateways that have vanished are forgotten.
local totals = {field('s1'), field('s2')}
local sweep = field('sweep')
if now >= sweep or sweep > now + lease then
  totals = {0, 0}
  local gateways = 0
  local all = redis.call('HGETALL', budget)
  for i = 1, #all, 2 do
    local id = string.match(all[i], '^r:(.*)$')
    local one = id and parse(all[i + 1])
    if one and lives(one, one.reserved) then
      totals = {totals[1] + one.slots[1], totals[2] + one.slots[2]}
    elseif id then
      redis.call('HDEL', budget, all[i])
    end
    if one and lives(one, 0) then
      gateways = gateways + 1
    elseif id then
      redis.call('ZREM', waiting[1], id)
      redis.call('ZREM', waiting[2], id)
    end
  end
  redis.call('HSET', budget, 'sweep', now + 250, 'gateways', gateways)
end
redis.call('ZADD', alive, now + lease, me)
redis.call('ZREMRANGEBYSCORE', alive, '-inf', now - 1)

-- The limit. A proposal counts if nothing has changed it since; and an engine that has lost what it knew believes the gateway. Then it asks
-- all gateways what they use. Until as many have reported as shared the budget before, or for 600 ms, it gives a gateway that was alone what
-- it had, and others nothing.
local epoch, limit, quiet = field('epoch'), field('limit'), field('quiet')
local function learns() return now < quiet and quiet <= now + lease end
if my_epoch > epoch then
  if not learns() then
    redis.call('HSET', budget, 'since', now, 'heard', 0, 'expected', 0)
    redis.call('PUBLISH', channel, 'slots * ' .. account)
  end
  quiet = now + 600
  redis.call('HSET', budget, 'quiet', quiet)
end
if proposed > 0 and my_epoch >= epoch then
  -- After a refusal all must hear soon that a slot less may be used.
  if proposed < limit then redis.call('PUBLISH', channel, 'slots * ' .. account) end
  epoch, limit = my_epoch + 1, proposed
  redis.call('HSET', budget, 'epoch', epoch, 'limit', limit, 'learnt', ARGV[16], 'again', now + given(17), 'accepted', 0, 'filled', 0,
             'elsewhere', '')
elseif my_epoch == epoch and given(12) > 0 then
  redis.call('HINCRBY', budget, 'accepted', given(12))
  redis.call('HSET', budget, 'filled', math.max(field('filled'), given(13)))
  local least = tonumber(redis.call('HGET', budget, 'elsewhere') or '')
  if ARGV[14] ~= '' and (not least or given(14) < least) then redis.call('HSET', budget, 'elsewhere', ARGV[14]) end
end

-- What this gateway uses is a fact. What it was handed in the meantime it keeps if it still wants it.
local mine = {slots = {0, 0}, handed = {0, 0}, seen = now, reserved = reserve}
local stored = parse(redis.call('HGET', budget, 'r:' .. me))
if not stored then redis.call('HINCRBY', budget, 'gateways', 1) end
if learns() then
  local heard, expected = field('heard'), math.max(field('expected'), sharers)
  if not stored or stored.seen < field('since') then heard = heard + 1 end
  redis.call('HSET', budget, 'heard', heard, 'expected', expected)
  if expected > 0 and heard >= expected and my_epoch <= epoch then
    quiet = 0
    redis.call('HSET', budget, 'quiet', quiet)
  end
end
local before = stored or {slots = {0, 0}, handed = {0, 0}}
for kind = 1, 2 do
  mine.slots[kind] = math.max(used[kind], math.min(used[kind] + before.handed[kind], wanted[kind]))
  totals[kind] = math.max(totals[kind] - before.slots[kind], 0) + mine.slots[kind]
end
local function wait(kind)
  if mine.slots[kind] >= wanted[kind] then return redis.call('ZREM', waiting[kind], me) end
  local held = math.min(mine.slots[1] + mine.slots[2], 500)
  local score = tonumber(redis.call('ZSCORE', waiting[kind], me) or '')
  local since = score and math.floor(score / apart) == held and score % apart or now
  redis.call('ZADD', waiting[kind], held * apart + since, me)
end
wait(1)
wait(2)

-- A free slot goes to the gateway that holds least and waits. The last slot is for summaries.
local others = limit > 1 and limit - 1 or limit
local function may(kind) return totals[1] + totals[2] < limit and (kind == 1 or totals[2] < others) end
local function first_of(kind)
  while true do
    local id = redis.call('ZRANGE', waiting[kind], 0, 0)[1]
    if not id or id == me then return id end
    local one = parse(redis.call('HGET', budget, 'r:' .. id))
    if one and lives(one, 0) then return id, one end
    redis.call('ZREM', waiting[kind], id)
  end
end
local function give(kind)
  if not may(kind) then return false end
  local id, one = first_of(kind)
  if not id then return false end
  totals[kind] = totals[kind] + 1
  if id == me then
    mine.slots[kind] = mine.slots[kind] + 1
    wait(1)
    wait(2)
    return true
  end
  one.slots[kind] = one.slots[kind] + 1
  one.handed[kind] = one.handed[kind] + 1
  write(id, one)
  redis.call('ZREM', waiting[kind], id)
  redis.call('PUBLISH', channel, 'slots ' .. id .. ' ' .. account)
  return true
end
if learns() then
  for kind = 1, 2 do
    while mine.slots[kind] < wanted[kind] and mine.slots[1] + mine.slots[2] < part and may(kind) do
      mine.slots[kind], totals[kind] = mine.slots[kind] + 1, totals[kind] + 1
    end
  end
  wait(1)
  wait(2)
else
  local turn = field('turn') == 2 and 2 or 1
  while give(turn) or give(3 - turn) do turn = 3 - turn end
  redis.call('HSET', budget, 'turn', turn)
  for kind = 1, 2 do
    local more = 0
    while more < spare[kind] and may(kind) do
      mine.slots[kind], totals[kind], more = mine.slots[kind] + 1, totals[kind] + 1, more + 1
    end
  end
end
write(me, mine)
redis.call('HSET', budget, 's1', totals[1], 's2', totals[2])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ages) end

-- Whether another gateway waits that would hold no more than this one after it gave a slot back; or there are too many slots.
local function yields(kind)
  if totals[1] + totals[2] > limit then return 1 end
  local some = redis.call('ZRANGE', waiting[kind], 0, 1, 'WITHSCORES')
  local other = some[1] == me and 3 or 1
  return some[other] and math.floor(tonumber(some[other + 1]) / apart) < mine.slots[1] + mine.slots[2] and 1 or 0
end
return {epoch, mine.slots[1], mine.slots[2], yields(1), yields(2), totals[1] + totals[2], field('accepted'), field('filled'),
        redis.call('HGET', budget, 'elsewhere') or '', epoch ~= my_epoch and redis.call('HGET', budget, 'learnt') or '',
        math.max(field('again') - now, 0), redis.call('ZCARD', alive), learns() and 0 or field('gateways')}
)lua"};
  return script;
}

// KEYS: the gateways that are alive, and until when.
const engine_script& presence_script() {
  static const engine_script script{R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZADD', KEYS[1], now + 2000, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 1)
redis.call('PEXPIRE', KEYS[1], 3600000)
return redis.call('ZCARD', KEYS[1])
)lua"};
  return script;
}

}  // namespace gateway
