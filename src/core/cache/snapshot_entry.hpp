// Writes a complete summary into a snapshot of the cache, and reads it back. A read entry is checked like a new one: no bound and no offset
// is trusted because a file states it.
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

// Whether the entry is worth a place in a snapshot. Every other answer is cheap to fetch again.
inline bool is_lasting(const entry& stored) {
  return stored.kind == answer_kind::complete && stored.status == 200 && stored.plain.etag_size > 0;
}

void append_entry(std::string& out, const partition& owner, const call_sid& call, const entry& stored, const instant& now);

struct recalled_entry {
  partition owner;
  call_sid call;
  std::shared_ptr<entry> made;  // without its account, which is read from the body later
};

// Takes the next entry off the front of `rest`. Nothing if it is no entry or its time is over; `rest` is empty then if the beginning of
// the next entry is unknown.
std::optional<recalled_entry> take_entry(std::string_view& rest, const instant& now);

}  // namespace gateway
