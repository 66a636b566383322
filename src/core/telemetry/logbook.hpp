// The logbook: its last entries, each with a number that only grows, and how many of each kind there were. A kind that comes too often is
// counted but not entered, so that a storm costs neither memory nor lines.
// Thread rule: none of its own; its owner locks (io/runtime/log). Time rule: `now` is an argument.
#pragma once

#include <array>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/limit/token_bucket.hpp"
#include "core/telemetry/logbook_kind.hpp"

namespace gateway {

// A part of an entry. The names of times end with _ms. No secret, no CallSid and no phone number is a value.
struct logbook_field {
  using value_type = std::variant<std::string, std::uint64_t, std::chrono::nanoseconds>;
  logbook_field(std::string_view called, std::string_view text) : name(called), value(std::string{text}) {}
  logbook_field(std::string_view called, std::integral auto number) : name(called), value(static_cast<std::uint64_t>(number)) {}
  logbook_field(std::string_view called, std::chrono::nanoseconds time) : name(called), value(time) {}

  std::string_view name;  // a literal
  value_type value;
};
using logbook_fields = std::vector<logbook_field>;

// What is to be entered.
struct logbook_note {
  logbook_kind kind;
  logbook_fields fields;
};

struct logbook_entry {
  std::uint64_t number = 0;
  wall_time at{};
  logbook_kind kind = logbook_kind::started;
  logbook_fields fields;
  std::string message;
};

using logbook_counts = std::array<std::uint64_t, logbook_kind_count>;

class logbook {
public:
  static constexpr std::size_t capacity = 200;
  static constexpr std::size_t longest_text = 500;  // bytes of a field; the rest is cut
  // Of one kind: so many entries at once, and as many in each period afterwards.
  static constexpr token_rate pace{20, std::chrono::minutes{20}};

  // The entry, for the log; nothing: its kind came too often. The next one of that kind has the number of those left out. Entries of level
  // debug are not remembered, nor an operator's changes beyond that pace.
  std::optional<logbook_entry> add(logbook_note what, const instant& now);

  // The entries after number `since`, oldest first; all of them if no entry has that number yet: it is of another process.
  [[nodiscard]] std::string json(std::uint64_t since) const;
  // All that came, entered or not.
  [[nodiscard]] const logbook_counts& counts() const { return counts_; }

private:
  std::deque<logbook_entry> last_;
  std::uint64_t newest_ = 0;
  logbook_counts counts_{};
  std::array<std::uint64_t, logbook_kind_count> left_out_{};
  std::array<token_bucket, logbook_kind_count> buckets_;
};

}  // namespace gateway
