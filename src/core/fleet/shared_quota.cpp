#include "core/fleet/shared_quota.hpp"

#include <array>

#include "core/fleet/engine_words.hpp"

namespace gateway {
namespace {

std::int64_t in_milliseconds(std::chrono::nanoseconds span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span).count(); }

}  // namespace

std::string quota_name(const fleet_keys& keys, std::string_view client, const quota_rule& rule) {
  return keys.name_of("quota", std::to_string(in_milliseconds(rule.per)).append(" ").append(client));  // defence: quota-named
}

// KEYS: the quota: its window, the calls of that window that gateways hold together, and for each gateway (`r:ID`) the order of its last
// report and the calls that it holds.
const engine_script& quota_script() {
  static const engine_script script{R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local quota, me = KEYS[1], 'r:' .. ARGV[1]
local function count_in(text) return tonumber(string.match(text or '', '^%d+$')) or 0 end
local function given(at) return count_in(ARGV[at]) end
local order, per, calls = given(2), given(3), given(4)
local wanted, ahead = given(7), given(8)

-- The clock of an engine that took over may be a moment behind: it does not go back to the window before.
local window = math.floor(now / per)
local stored = count_in(redis.call('HGET', quota, 'window'))
if stored == window + 1 then window = stored end
if stored ~= window then
  redis.call('DEL', quota)
  redis.call('HSET', quota, 'window', string.format('%.0f', window), 'held', 0)
end
local ends = (window + 1) * per

-- A report that was overtaken by a later one says nothing.
local total = count_in(redis.call('HGET', quota, 'held'))
local last, held = string.match(redis.call('HGET', quota, me) or '', '^(%d+) (%d+)$')
held = tonumber(held) or 0
if not last or tonumber(last) < order then
  total = math.max(total - held, 0)
  local more = 0
  -- Whose window began a moment too early keeps what it holds, and gets none of a window that has not begun.
  local is_early = given(5) == window + 1 and ends - now <= given(9)
  if not is_early then
    held = given(5) == window and given(6) or 0
    local left = math.max(calls - total - held, 0)
    more = math.min(left, wanted + math.min(ahead, math.floor(left / 16)))
  end
  held = held + more
  total = total + held
  redis.call('HSET', quota, me, string.format('%.0f %.0f', order, held), 'held', string.format('%.0f', total))
end
redis.call('PEXPIRE', quota, string.format('%.0f', ends - now + 1000))
return {window, held, math.max(calls - total, 0), ends - now}
)lua"};
  return script;
}

script_call quota_call(const quota_place& where, const quota_rule& rule, const quota_report& report, std::uint64_t order) {
  script_call call{quota_script()};
  call.keys = {where.keys.quota(where.client)};
  call.values = {where.replica,
                 std::to_string(order),
                 std::to_string(in_milliseconds(rule.per)),
                 std::to_string(rule.calls),
                 std::to_string(report.window),
                 std::to_string(report.holds),
                 std::to_string(report.wanted),
                 std::to_string(report.ahead),
                 std::to_string(in_milliseconds(client_quota::most_early))};
  return call;
}

std::optional<quota_word> read_quota_word(const engine_reply& reply) {
  std::array<std::uint64_t, 4> numbers{};
  if (reply.is != engine_reply::kind::array || reply.items.size() != numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto const value = count_in(reply.items[i]);
    if (!value) return std::nullopt;
    numbers[i] = *value;
  }
  // A longer window than any setting allows is none; the sums of client_quota could not hold it.
  constexpr std::chrono::milliseconds longest = std::chrono::days{62};
  std::chrono::milliseconds const ends_in{numbers[3]};
  if (ends_in > longest) return std::nullopt;
  return quota_word{static_cast<std::int64_t>(numbers[0]), numbers[1], numbers[2], ends_in};
}

}  // namespace gateway
