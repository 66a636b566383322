#include "core/fleet/shared_circuits.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/fleet/engine_words.hpp"

namespace gateway {
namespace {

using sort = circuit_name::sort;

constexpr std::array<std::string_view, 4> sort_names{"host", "account", "pause", "breaker"};
constexpr std::array<std::string_view, 4> event_names{"unchanged", "opened", "prolonged", "closed"};
constexpr std::size_t word_items = 5;
// No circuit is open for longer, as the script has it.
constexpr std::uint64_t longest_open_ms = 3'600'000;

// SORT RESOURCE NAME, without spaces in any of them.
std::string field_of(const circuit_name& one, std::string_view name) {
  std::string text{sort_names[static_cast<std::size_t>(one.is)]};
  text.append(" ").append(one.what == resource::none ? "all" : name_of(one.what));
  return text.append(" ").append(name);
}

// The index of the first value for which it holds; nullopt: of none.
template <class Same>
std::optional<std::size_t> index_of(std::size_t count, Same same) {
  for (std::size_t i = 0; i < count; ++i) {
    if (same(i)) return i;
  }
  return std::nullopt;
}

// NUMBER, whether it is open, for how long in ms, the streak, and who probes.
std::optional<circuit_word> read_word(const engine_reply* items) {
  std::array<std::uint64_t, word_items> numbers{};
  for (std::size_t i = 0; i < word_items; ++i) {
    auto const value = count_in(items[i]);
    if (!value) return std::nullopt;
    numbers[i] = *value;
  }
  if (numbers[4] > 2) return std::nullopt;
  circuit_word word;
  word.number = numbers[0];
  word.open = numbers[1] != 0;
  word.open_for = std::chrono::milliseconds{std::min(numbers[2], longest_open_ms)};
  word.streak = static_cast<unsigned>(std::min<std::uint64_t>(numbers[3], std::numeric_limits<unsigned>::max()));
  word.probe = static_cast<circuit_word::prober>(numbers[4]);
  return word;
}

}  // namespace

script_call circuit_call(const circuit_place& where, const std::vector<named_report>& reports,
                         const std::function<std::string(std::uint64_t)>& name_of) {
  script_call call{circuit_script()};
  call.keys = {where.keys.circuits()};
  call.values = {where.keys.feed(), where.replica};
  for (auto const& [whose, report] : reports) {
    call.values.push_back(field_of(whose, whose.is == sort::host ? where.host : name_of(whose.account)));
    call.values.push_back(std::to_string(report.known));
    call.values.emplace_back(event_names[static_cast<std::size_t>(report.what)]);
    call.values.push_back(std::to_string(report.open_for.count()));
    call.values.push_back(std::to_string(report.streak));
    call.values.emplace_back(report.wants_probe ? "1" : "0");
  }
  return call;
}

std::optional<std::vector<named_word>> read_circuits(const circuit_place& where, const engine_reply& reply,
                                                     const std::function<std::optional<std::uint64_t>(std::string_view)>& account_of) {
  constexpr std::size_t step = 1 + word_items;
  if (reply.is != engine_reply::kind::array || reply.items.size() % step != 0) return std::nullopt;
  std::vector<named_word> all;
  for (std::size_t at = 0; at < reply.items.size(); at += step) {
    std::string_view field = reply.items[at].text;
    auto const word = read_word(&reply.items[at + 1]);
    if (!word) return std::nullopt;
    auto const is = next_word(field), what = next_word(field);
    auto const which = index_of(sort_names.size(), [&](std::size_t i) { return sort_names[i] == is; });
    auto const kind = index_of(static_cast<std::size_t>(resource::none) + 1, [&](std::size_t i) {
      return what == (i == static_cast<std::size_t>(resource::none) ? "all" : name_of(static_cast<resource>(i)));
    });
    if (!which || !kind) continue;  // a later version's
    named_word one;
    one.whose.is = static_cast<sort>(*which);
    one.whose.what = static_cast<resource>(*kind);
    one.word = *word;
    if (one.whose.is == sort::host) {
      if (field == where.host) all.push_back(one);
    } else if (auto const account = account_of(field)) {
      one.whose.account = *account;
      all.push_back(one);
    }
  }
  return all;
}

bool has_changed_circuits(std::string_view message, std::string_view replica) {
  return next_word(message) == "circuits" && message != replica;
}

}  // namespace gateway
