#include "core/cache/snapshot_entry.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/etag.hpp"
#include "core/base/fixed_fields.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

std::int64_t fixed(wall_time at) { return at.time_since_epoch().count(); }
wall_time moment(std::int64_t count) { return wall_time{wall_time::duration{count}}; }

void append_form(std::string& out, const representation& form) {
  for (auto const place : {form.shared_at, form.access_control, form.body_at, form.etag_at, form.etag_size}) append_fixed(out, place);
  append_fixed(out, static_cast<std::uint32_t>(form.wire.size()));
  out += form.wire;
}

// All parts that a reply takes from the wire must lie within it, and the body begins after the empty line.
bool fits(const representation& form) {
  constexpr std::string_view end_of_head = "\r\n\r\n";
  if (form.body_at > form.wire.size() || form.body_at < end_of_head.size() || form.shared_at > form.body_at) return false;
  if (form.access_control > form.body_at - form.shared_at || form.etag_at > form.body_at) return false;
  if (form.etag_size < 2 || form.etag_size > form.body_at - form.etag_at) return false;
  return std::string_view{form.wire}.substr(0, form.body_at).ends_with(end_of_head) && form.etag().front() == '"' &&
         form.etag().back() == '"';
}

std::optional<representation> take_form(fixed_fields& fields) {
  representation form;
  for (auto* const place : {&form.shared_at, &form.access_control, &form.body_at, &form.etag_at, &form.etag_size})
    *place = fields.number<std::uint32_t>();
  form.wire = fields.bytes(fields.number<std::uint32_t>());
  if (!fields.good() || !fits(form)) return std::nullopt;  // defence: entry-form
  return form;
}

std::optional<recalled_entry> entry_in(std::string_view record, const instant& now) {
  fixed_fields fields{record};
  auto const owner = fields.bytes(sizeof(digest));
  auto const call = call_sid::parse(fields.bytes(call_sid::length));
  auto const asked = moment(fields.number<std::int64_t>());
  auto const stored = moment(fields.number<std::int64_t>());
  auto const gone = moment(fields.number<std::int64_t>());
  auto const fresh_at_most = std::chrono::nanoseconds{fields.number<std::int64_t>()};
  auto const ask_first = fields.number<std::uint8_t>();
  auto const has_gzip = fields.number<std::uint8_t>();
  auto plain = take_form(fields);
  if (!call || !plain || has_gzip > 1 || ask_first > 1 || fresh_at_most.count() < 0) return std::nullopt;
  // The ETag is a hash of the body, so it shows damage that no checksum has noticed.
  if (plain->etag() != etag_of(plain->body())) return std::nullopt;
  auto const life = resumed_life_of(asked, stored, gone, now);
  if (!life) return std::nullopt;

  recalled_entry found{{}, *call, std::make_shared<entry>()};
  std::memcpy(found.owner.id.data(), owner.data(), owner.size());  // defence: entry-owner-loaded
  auto& made = *found.made;
  made.asked_at = life->asked_at;
  made.stored_at = life->stored_at;
  made.fresh_at_most = fresh_at_most;
  made.ask_first = ask_first == 1;
  made.gone_at = life->gone_at;
  made.gone_by = life->gone_by;
  if (has_gzip == 1) {
    auto packed = take_form(fields);
    if (!packed || packed->etag() != gzip_tag(plain->etag())) return std::nullopt;
    made.gzip = std::make_unique<const representation>(std::move(*packed));
  }
  made.plain = std::move(*plain);
  return fields.rest().empty() ? std::optional{std::move(found)} : std::nullopt;
}

}  // namespace

void append_entry(std::string& out, const partition& owner, const call_sid& call, const entry& stored, const instant& now) {
  auto const start = out.size();
  append_fixed(out, std::uint32_t{0});
  out.append(view_of(owner.id)).append(call.view());
  append_fixed(out, fixed(now.wall - (now.mono - stored.asked_at)));
  append_fixed(out, fixed(now.wall - (now.mono - stored.stored_at)));
  append_fixed(out, fixed(std::min(stored.gone_by, now.wall + (stored.gone_at - now.mono))));
  append_fixed(out, std::int64_t{stored.fresh_at_most.count()});
  append_fixed(out, std::uint8_t{stored.ask_first});
  append_fixed(out, std::uint8_t{stored.gzip != nullptr});
  append_form(out, stored.plain);
  if (stored.gzip) append_form(out, *stored.gzip);
  std::string size;
  append_fixed(size, static_cast<std::uint32_t>(out.size() - start - sizeof(std::uint32_t)));
  out.replace(start, size.size(), size);
}

std::optional<recalled_entry> take_entry(std::string_view& rest, const instant& now) {
  fixed_fields fields{rest};
  auto const record = fields.bytes(fields.number<std::uint32_t>());
  rest = fields.good() ? fields.rest() : std::string_view{};
  return fields.good() ? entry_in(record, now) : std::nullopt;
}

}  // namespace gateway
