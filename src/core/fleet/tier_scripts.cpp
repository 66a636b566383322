#include "core/fleet/tier_scripts.hpp"

namespace gateway {
namespace {

// KEYS: the call's hash, the marks' version, the living replicas.
// ARGV: mode, question, replica, token, lease in ms, unusable token, token waited for, owners (the own one first).
// Who gets a lease lives: its first beat may be still to come, and the lease must hold until then.
// The first line is a version: replicas of different versions run different scripts on the same hash.
constexpr std::string_view claim_source = R"lua(-- tier claim 1
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local version = redis.call('GET', KEYS[2]) or '0'
local function reply(kind, ...)
  return {kind, string.format('%.0f', now), version, ...}
end
local function stored(field)
  local value = redis.call('HGET', KEYS[1], field)
  local ends, token = string.match(value or '', '^(%d+) (%x+) ')
  if not ends then return nil end
  if tonumber(ends) <= now then redis.call('HDEL', KEYS[1], field) return nil end
  if token == ARGV[6] then return nil end
  return string.sub(value, #ends + #token + 3), token
end
local own = ARGV[8]
local lease = 'l:' .. own .. ':' .. ARGV[2]
local held = redis.call('HGET', KEYS[1], lease)
if ARGV[1] ~= 'lead' then
  for i = 8, #ARGV do
    local sealed, token = stored('b:' .. ARGV[i])
    if sealed then return reply('summary', token, sealed, string.format('%d', i - 8)) end
  end
  local sealed, token = stored('n:' .. own .. ':' .. ARGV[2])
  if sealed then return reply('refusal', token, sealed) end
  local ends, replica, token = string.match(held or '', '^(%d+) (%x+) (%x+)$')
  if ends then
    local lives = redis.call('ZSCORE', KEYS[3], replica)
    local counts = tonumber(ends) > now and replica ~= ARGV[3] and lives and tonumber(lives) > now
    if counts and ARGV[1] == 'share' then return reply('wait', token) end
  elseif ARGV[7] ~= '' and ARGV[6] == '' then
    return reply('alone')
  end
end
if redis.call('HLEN', KEYS[1]) >= 256 then redis.call('DEL', KEYS[1]) end
local ends = now + ARGV[5]
redis.call('ZADD', KEYS[3], string.format('%.0f', now + 2000), ARGV[3])
redis.call('HSET', KEYS[1], lease, string.format('%.0f %s %s', ends, ARGV[3], ARGV[4]))
if redis.call('HEXISTS', KEYS[1], 'e') == 0 and redis.call('PTTL', KEYS[1]) < ends - now then
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
end
return reply('lease')
)lua";

// KEYS: the call's hash, the marks' floors.
// ARGV: owner, question, token, feed, message, the marks' version at the claim, the number of withdrawn owners, these owners, then field,
// life in ms and sealed value of each answer. What is withdrawn goes in any case; answers are stored only under the lease's own token, and
// none that was claimed before a party was erased: it may hold that party, and would stay where no name tells of it.
constexpr std::string_view settle_source = R"lua(-- tier settle 2
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = 'l:' .. ARGV[1] .. ':' .. ARGV[2]
local values = 8 + ARGV[7]
for i = 8, values - 1 do redis.call('HDEL', KEYS[1], 'b:' .. ARGV[i]) end
local token = string.match(redis.call('HGET', KEYS[1], lease) or '', '^%d+ %x+ (%x+)$')
if token ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], lease)
local is_void = tonumber(ARGV[6]) < tonumber(redis.call('HGET', KEYS[2], 'claimed') or '0')
if is_void then values = #ARGV + 1 end
for i = values, #ARGV, 3 do
  local ends = now + ARGV[i + 1]
  redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f %s ', ends, token) .. ARGV[i + 2])
  if redis.call('HEXISTS', KEYS[1], 'e') == 0 and redis.call('PTTL', KEYS[1]) < ends - now then
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
  end
end
local first
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'b:' then
    local ends = tonumber(string.match(redis.call('HGET', KEYS[1], field), '^%d+') or '0')
    if not first or ends < first then first = ends end
  end
end
if first then
  local at = string.format('%.0f', first)
  redis.call('HSET', KEYS[1], 'e', at)
  redis.call('PEXPIREAT', KEYS[1], at)
else
  redis.call('HDEL', KEYS[1], 'e')
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return is_void and 0 or 1
)lua";

std::string_view word_of(claim_mode mode) {
  switch (mode) {
    case claim_mode::single:
      return "single";
    case claim_mode::lead:
      return "lead";
    default:
      return "share";
  }
}

std::string digits(std::chrono::milliseconds span) { return std::to_string(span.count()); }

}  // namespace

std::string summary_field(std::string_view owner) { return "b:" + std::string{owner}; }
std::string refusal_field(std::string_view owner, std::string_view question) {
  return "n:" + std::string{owner} + ":" + std::string{question};
}

script_call claim_call(const engine_keys& keys, const tier_question& asked, const claim_terms& terms) {
  static const engine_script script{claim_source};
  script_call call{script};
  call.keys = {keys.call(asked.call), keys.version(), keys.replicas()};
  call.values = {std::string{word_of(terms.mode)},
                 std::string{asked.question},
                 terms.replica,
                 terms.token,
                 digits(terms.lease),
                 terms.unusable,
                 terms.waited_for};
  call.values.insert(call.values.end(), asked.owners.begin(), asked.owners.end());
  return call;
}

script_call settle_call(const engine_keys& keys, const tier_question& asked, std::string_view token, const tier_settlement& what) {
  static const engine_script script{settle_source};
  script_call call{script};
  call.keys = {keys.call(asked.call), keys.floors()};
  call.values = {asked.owners.front(),         std::string{asked.question},          std::string{token}, keys.feed(), asked.message(),
                 std::to_string(what.version), std::to_string(what.withdrawn.size())};
  call.values.insert(call.values.end(), what.withdrawn.begin(), what.withdrawn.end());
  for (auto const& one : what.values) call.values.insert(call.values.end(), {one.field, digits(one.lives), one.sealed});
  return call;
}

}  // namespace gateway
