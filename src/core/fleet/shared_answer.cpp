#include "core/fleet/shared_answer.hpp"

#include <algorithm>

#include "core/base/fixed_fields.hpp"
#include "core/cache/freshness.hpp"

namespace gateway {
namespace {

// A replica that knows only other formats has a miss.
constexpr std::uint8_t plain_format = 1;
constexpr std::uint8_t format_beside_partial = 2;  // the same, of an answer with has_partial

std::int64_t fixed(wall_time at) { return at.time_since_epoch().count(); }
wall_time moment(std::int64_t count) { return wall_time{wall_time::duration{count}}; }

std::chrono::nanoseconds age_of(wall_time then, wall_time now) {
  // Compared before they are subtracted, because the difference of hostile dates could overflow.
  if (then >= now) return {};
  auto const earliest = now < wall_time::min() + record_lifetime ? wall_time::min() : now - record_lifetime;
  return then < earliest ? record_lifetime : now - then;
}

}  // namespace

std::string pack(std::uint64_t version, wall_time asked_at, wall_time came_at, const upstream_answer& answer, bool has_partial) {
  std::string plain;
  append_fixed(plain, has_partial ? format_beside_partial : plain_format);
  append_fixed(plain, version);
  append_fixed(plain, fixed(asked_at));
  append_fixed(plain, fixed(came_at));
  append_fixed(plain, static_cast<std::uint16_t>(answer.status));
  append_fixed(plain, static_cast<std::uint16_t>(answer.fields.size()));
  for (auto const& field : answer.fields) {
    append_fixed(plain, static_cast<std::uint32_t>(field.name.size()));
    append_fixed(plain, static_cast<std::uint32_t>(field.value.size()));
    plain.append(field.name).append(field.value);
  }
  return plain.append(answer.body);
}

std::optional<shared_answer> unpack(std::string plain) {
  shared_answer made;
  // The fields' names and values are parts of this text.
  fixed_fields from{made.answer.hold(std::move(plain))};
  auto const its_format = from.number<std::uint8_t>();
  if (its_format != plain_format && its_format != format_beside_partial) return std::nullopt;
  made.has_partial = its_format == format_beside_partial;
  made.version = from.number<std::uint64_t>();
  made.asked_at = moment(from.number<std::int64_t>());
  made.came_at = moment(from.number<std::int64_t>());
  made.answer.status = from.number<std::uint16_t>();
  auto const count = from.number<std::uint16_t>();
  for (unsigned i = 0; i < count && from.good(); ++i) {
    auto const name = from.number<std::uint32_t>();
    auto const value = from.number<std::uint32_t>();
    auto const its_name = from.bytes(name);
    made.answer.fields.push_back({its_name, from.bytes(value)});
  }
  if (!from.good()) return std::nullopt;
  made.answer.body = from.rest();
  return made;
}

arrival arrival_of(const shared_answer& one, wall_time engine_now, const instant& now) {
  auto const age = age_of(one.came_at, engine_now);
  arrival made;
  made.came = {now.mono - age, now.wall - age};
  made.asked_at = made.came.mono - age_of(one.asked_at, one.came_at);
  return made;
}

}  // namespace gateway
