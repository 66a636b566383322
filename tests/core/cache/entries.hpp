// Makes entries, keys and moments for cache tests, each in one line.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "core/cache/entry.hpp"
#include "core/cache/key.hpp"

namespace gateway {

inline constexpr wall_time wall_epoch{std::chrono::sys_days{std::chrono::year{2026} / 3 / 31}};

inline mono_time at(std::chrono::nanoseconds since_start) { return mono_time{std::chrono::hours{1'000} + since_start}; }

// The same moment on both clocks.
inline instant both(std::chrono::nanoseconds since_start) { return {at(since_start), wall_epoch + since_start}; }
inline instant instant_of(mono_time moment) { return both(moment - at({})); }

inline call_sid call_number(unsigned number) {
  char text[35];
  std::snprintf(text, sizeof text, "CA%032x", number);
  return *call_sid::parse(text);
}

inline account_sid account_number(unsigned number) {
  char text[35];
  std::snprintf(text, sizeof text, "AC%032x", number);
  return *account_sid::parse(text);
}

inline cache_key key_number(unsigned call, unsigned owner = 0) {
  partition who;
  who.id[0] = static_cast<std::byte>(owner);
  return cache_key{who, call_number(call), short_hash_key{}};
}

inline std::shared_ptr<entry> made_entry(answer_kind kind, std::size_t wire_size, mono_time gone_at) {
  auto made = std::make_shared<entry>();
  made->kind = kind;
  made->plain.wire = std::string(wire_size, 'x');
  made->asked_at = made->stored_at = at({});
  made->gone_at = gone_at;
  made->gone_by = wall_epoch + (gone_at - at({}));
  return made;
}

// What the upstream answered to a request of `asked_at` about a call of that account.
inline std::shared_ptr<entry> made_answer(answer_kind kind, const std::optional<account_sid>& whose, mono_time asked_at, mono_time now) {
  auto made = made_entry(kind, 0, now + std::chrono::hours{24});
  made->account = whose;
  made->asked_at = asked_at;
  made->stored_at = now;
  return made;
}

}  // namespace gateway
