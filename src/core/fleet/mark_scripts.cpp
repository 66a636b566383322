#include "core/fleet/mark_scripts.hpp"

#include <charconv>

namespace gateway {
namespace {

// Each script runs as one step. Time is the engine's. A version is a whole number below 2^53, which Lua's numbers hold exactly.

// KEYS: members, incarnation, version. ARGV: replica, lease in ms, most members.
constexpr std::string_view beat_source = R"(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], 10 * ARGV[2])
return {redis.call('GET', KEYS[2]) or '', redis.call('GET', KEYS[3]) or '0', redis.call('ZRANGE', KEYS[1], 0, ARGV[3] - 1)}
)";

// KEYS: incarnation, version, marks, versions of marks, floors, then calls. ARGV: another incarnation, known version, feed, most marks,
// then for each mark: name, class, version, number of its call's key or 0, sealed. A mark of class f lifts the floor when it is dropped.
// One of class p does, too, and what was claimed before it is not stored any more (tier_scripts).
constexpr std::string_view tell_source = R"(
local incarnation = redis.call('GET', KEYS[1])
local version = tonumber(redis.call('GET', KEYS[2]) or '0')
local known = tonumber(ARGV[2])
local complete = tonumber(redis.call('HGET', KEYS[5], 'complete') or '0')
local believed = tonumber(redis.call('HGET', KEYS[5], 'believed') or '0')
local lost = version < known
local add = {}
for a = 5, #ARGV, 5 do
  local told = tonumber(ARGV[a + 2])
  if told == 0 then
    add[#add + 1] = a
  elseif told > complete and tonumber(redis.call('ZSCORE', KEYS[4], ARGV[a]) or '0') < told then
    lost = true
    add[#add + 1] = a
  end
end
if not incarnation or (lost and incarnation ~= ARGV[1]) then
  incarnation = ARGV[1]
  version = math.max(version, known) + 1
  believed = version
  redis.call('SET', KEYS[1], incarnation)
end
local versions = {}
for _, a in ipairs(add) do
  version = version + 1
  local text = string.format('%.0f', version)
  redis.call('ZADD', KEYS[4], text, ARGV[a])
  local class = ARGV[a + 1]
  if class == 'p' then
    class = 'f'
    redis.call('HSET', KEYS[5], 'claimed', text)
  end
  redis.call('HSET', KEYS[3], ARGV[a], class .. ARGV[a + 4])
  local call = tonumber(ARGV[a + 3])
  if call > 0 then redis.call('UNLINK', KEYS[call]) end
  if ARGV[a + 2] == '0' then versions[#versions + 1] = text end
end
while redis.call('ZCARD', KEYS[4]) > tonumber(ARGV[4]) do
  local lowest = redis.call('ZPOPMIN', KEYS[4])
  local sealed = redis.call('HGET', KEYS[3], lowest[1]) or 'f'
  redis.call('HDEL', KEYS[3], lowest[1])
  complete = math.max(complete, tonumber(lowest[2]))
  if string.sub(sealed, 1, 1) == 'f' then believed = math.max(believed, tonumber(lowest[2])) end
end
local text = string.format('%.0f', version)
redis.call('SET', KEYS[2], text)
local floors = {string.format('%.0f', believed), string.format('%.0f', complete)}
redis.call('HSET', KEYS[5], 'believed', floors[1], 'complete', floors[2])
if #add > 0 then redis.call('PUBLISH', ARGV[3], 'mark ' .. text) end
return {incarnation, text, floors[1], floors[2], versions}
)";

// KEYS: incarnation, version, marks, versions of marks, floors. ARGV: the version above which, most marks.
constexpr std::string_view read_source = R"(
local found = redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local marks = {}
for n = 1, #found, 2 do
  marks[#marks + 1] = found[n]
  marks[#marks + 1] = found[n + 1]
  marks[#marks + 1] = string.sub(redis.call('HGET', KEYS[3], found[n]) or 'f', 2)
end
return {redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '0', redis.call('HGET', KEYS[5], 'believed') or '0',
  redis.call('HGET', KEYS[5], 'complete') or '0', marks}
)";

// KEYS: incarnation, which only tells a cluster the node. ARGV: feed, messages.
constexpr std::string_view publish_source = R"(
for n = 2, #ARGV do redis.call('PUBLISH', ARGV[1], ARGV[n]) end
return #ARGV - 1
)";

// KEYS: as before. ARGV: cursor, pattern.
constexpr std::string_view sweep_source = R"(
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
for _, key in ipairs(found[2]) do redis.call('UNLINK', key) end
return found[1]
)";

constexpr std::uint64_t highest_version = std::uint64_t{1} << 52;

// The text of a reply's item; nothing if it is no text, or none of a bearable length.
const std::string* text_at(const engine_reply& from, std::size_t n, std::size_t longest) {
  if (from.is != engine_reply::kind::array || n >= from.items.size()) return nullptr;
  auto const& one = from.items[n];
  return one.is == engine_reply::kind::text && one.text.size() <= longest ? &one.text : nullptr;
}

std::optional<std::uint64_t> number_at(const engine_reply& from, std::size_t n) {
  auto const* const text = text_at(from, n, 16);
  if (text == nullptr) return std::nullopt;
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  // defence: version-bounded
  if (error != std::errc{} || end != text->data() + text->size() || value > highest_version) return std::nullopt;
  return value;
}

const engine_reply* list_at(const engine_reply& from, std::size_t n, std::size_t longest) {
  if (from.is != engine_reply::kind::array || n >= from.items.size()) return nullptr;
  auto const& one = from.items[n];
  return one.is == engine_reply::kind::array && one.items.size() <= longest ? &one : nullptr;
}

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_sealed = 512;

std::optional<mark_state> state_in(const engine_reply& from) {
  auto const* const incarnation = text_at(from, 0, longest_name);
  auto const version = number_at(from, 1);
  auto const believed = number_at(from, 2);
  auto const complete = number_at(from, 3);
  if (incarnation == nullptr || !version || !believed || !complete) return std::nullopt;
  return mark_state{*incarnation, *version, {*believed, *complete}};
}

std::vector<std::string> all_keys(const engine_keys& keys) {
  return {keys.incarnation(), keys.version(), keys.marks(), keys.versions(), keys.floors()};
}

}  // namespace

script_call beat_call(const engine_keys& keys, std::string_view replica, std::chrono::milliseconds lease) {
  static const engine_script script{beat_source};
  script_call made{script};
  made.keys = {keys.replicas(), keys.incarnation(), keys.version()};
  made.values = {std::string{replica}, std::to_string(lease.count()), std::to_string(most_members)};
  return made;
}

std::optional<beat_answer> read_beat(const engine_reply& from) {
  auto const* const incarnation = text_at(from, 0, longest_name);
  auto const version = number_at(from, 1);
  auto const* const members = list_at(from, 2, most_members);
  if (incarnation == nullptr || !version || members == nullptr) return std::nullopt;
  beat_answer made{*incarnation, *version, {}};
  for (std::size_t n = 0; n < members->items.size(); ++n) {
    auto const* const one = text_at(*members, n, longest_name);
    if (one == nullptr) return std::nullopt;
    made.members.push_back(*one);
  }
  return made;
}

script_call tell_call(const engine_keys& keys, std::string_view other_incarnation, std::uint64_t known, std::span<const told_mark> marks,
                      std::size_t most) {
  static const engine_script script{tell_source};
  script_call made{script};
  made.keys = all_keys(keys);
  made.values = {std::string{other_incarnation}, std::to_string(known), keys.feed(), std::to_string(most)};
  for (auto const& one : marks) {
    if (!one.call.empty()) made.keys.push_back(one.call);
    made.values.push_back(one.name);
    made.values.emplace_back(one.ends_leases ? "p" : one.lifts_floor ? "f" : "-");
    made.values.push_back(std::to_string(one.version));
    made.values.push_back(std::to_string(one.call.empty() ? 0 : made.keys.size()));
    made.values.push_back(one.sealed);
  }
  return made;
}

std::optional<told_answer> read_told(const engine_reply& from) {
  auto state = state_in(from);
  auto const* const versions = list_at(from, 4, mark_table::usual_most);
  if (!state || versions == nullptr) return std::nullopt;
  told_answer made{*std::move(state), {}};
  for (std::size_t n = 0; n < versions->items.size(); ++n) {
    auto const one = number_at(*versions, n);
    if (!one) return std::nullopt;
    made.versions.push_back(*one);
  }
  return made;
}

script_call read_call(const engine_keys& keys, std::uint64_t above) {
  static const engine_script script{read_source};
  script_call made{script};
  made.keys = all_keys(keys);
  made.values = {std::to_string(above), std::to_string(marks_per_page)};
  return made;
}

std::optional<read_answer> read_marks(const engine_reply& from) {
  auto state = state_in(from);
  auto const* const marks = list_at(from, 4, 3 * marks_per_page);
  if (!state || marks == nullptr || marks->items.size() % 3 != 0) return std::nullopt;
  read_answer made{*std::move(state), {}};
  for (std::size_t n = 0; n < marks->items.size(); n += 3) {
    auto const* const name = text_at(*marks, n, longest_name);
    auto const version = number_at(*marks, n + 1);
    auto const* const sealed = text_at(*marks, n + 2, longest_sealed);
    if (name == nullptr || !version || sealed == nullptr) return std::nullopt;
    made.marks.push_back({*name, *version, *sealed});
  }
  return made;
}

script_call publish_call(const engine_keys& keys, std::span<const std::string> messages) {
  static const engine_script script{publish_source};
  script_call made{script};
  made.keys = {keys.incarnation()};
  made.values = {keys.feed()};
  made.values.insert(made.values.end(), messages.begin(), messages.end());
  return made;
}

script_call sweep_call(const engine_keys& keys, std::string_view cursor) {
  static const engine_script script{sweep_source};
  script_call made{script};
  made.keys = {keys.incarnation()};
  made.values = {std::string{cursor}, keys.call("*")};
  return made;
}

std::optional<std::string> read_sweep(const engine_reply& from) {
  bool const is_cursor = from.is == engine_reply::kind::text && !from.text.empty() && from.text.size() <= 20;
  return is_cursor ? std::optional{from.text} : std::nullopt;
}

}  // namespace gateway
