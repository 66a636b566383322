// The audit trail: who changed the gateway, or tried to, from where, what and when. Its lines are made of the logbook's entries, so the two
// cannot differ. Each part of it (audit_part) has room of its own: purges by the thousand push out no reload, and what strangers try
// pushes out nothing but what other strangers tried.
// Thread rule: none of its own; its owner locks (io/runtime/log).
#pragma once

#include <array>
#include <deque>
#include <string>
#include <string_view>

#include "core/telemetry/logbook.hpp"

namespace gateway {

class audit_trail {
public:
  static constexpr std::size_t capacity = 200;  // lines of each part

  // Its line, one JSON object without line end; "" for an entry that is no change. The view is valid until the next call.
  std::string_view add(const logbook_entry& one);

  // The lines after number `since`, oldest first; all of them if no line has that number yet: it is of another process.
  [[nodiscard]] std::string json(std::uint64_t since) const;

private:
  struct line {
    std::uint64_t number;
    std::string text;
  };
  std::array<std::deque<line>, audit_part_count> parts_;
  std::uint64_t newest_ = 0;
};

}  // namespace gateway
