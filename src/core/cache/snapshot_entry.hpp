// A complete summary as it stands in a snapshot of the cache, and back. What is read is judged as if it had just been made: no bound and
// no place in it is believed because a file says so.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/auth/partition.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/freshness.hpp"

namespace gateway {

// May it outlive the process? Everything else is known again by one question to the upstream.
inline bool is_lasting(const entry& kept) { return kept.kind == answer_kind::complete && kept.status == 200 && kept.plain.etag_size > 0; }

void append_entry(std::string& out, const partition& owner, const call_sid& call, const entry& kept, const instant& now);

struct recalled_entry {
  partition owner;
  call_sid call;
  std::shared_ptr<entry> made;  // without its account: only its body can tell
};

// Takes the next one off the front of `rest`. Nothing: it is no entry, or its time is over; then `rest` is empty if nobody can tell where
// the one after it begins.
std::optional<recalled_entry> take_entry(std::string_view& rest, const instant& now);

}  // namespace gateway
