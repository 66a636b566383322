#include "core/telemetry/logged_request.hpp"

#include <array>

#include "core/base/json_writer.hpp"

namespace gateway {
namespace {

std::int64_t whole_us(std::chrono::nanoseconds span) { return std::chrono::duration_cast<std::chrono::microseconds>(span).count(); }

struct line {
  json_object& out;
  std::string& text;  // the output of `out`
  const logged_request& one;
  std::span<const std::string> listeners;
  std::string_view type;

  // An absent member is left out.
  void name(std::string_view member, std::string_view value) const {
    if (!value.empty()) out.text(member, value);
  }
};

using write_member = void (*)(const line& to, std::string_view name);

struct row : logged_member {
  write_member write = nullptr;
};

void write_hops(const line& to, std::string_view name) {
  to.out.begin(name);
  json_object hops{to.text};
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const spent = to.one.of.hops.spent(static_cast<hop>(i));
    if (spent.count() > 0) hops.number(name_of(static_cast<hop>(i)), whole_us(spent));
  }
}

// clang-format off
constexpr std::array member_rows{
    row{{"type", "string", "", "`access`; in a dump (SIGQUIT): `recorded`"},
        [](const line& to, std::string_view name) { to.out.text(name, to.type); }},
    row{{"time_us", "number", "µs since 1970-01-01 UTC", "time when the answer had been written"},
        [](const line& to, std::string_view name) { to.out.number(name, whole_us(to.one.at.time_since_epoch())); }},
    row{{"request_id", "string", "", "`X-Request-Id` of the answer: the client's if it is acceptable, else made by the gateway"},
        [](const line& to, std::string_view name) { to.out.text(name, to.one.of.request_id.view()); }},
    row{{"trace_id", "string", "", "W3C trace: the client's, or a new one"},
        [](const line& to, std::string_view name) { if (to.one.of.trace.trace.is_set()) to.out.text(name, text_of(to.one.of.trace.trace)); }},
    row{{"span_id", "string", "", "span of this request in that trace"},
        [](const line& to, std::string_view name) { if (to.one.of.trace.span != 0) to.out.text(name, text_of_span(to.one.of.trace.span)); }},
    row{{"parent_span_id", "string", "", "span of the client, if it sent one"},
        [](const line& to, std::string_view name) { if (to.one.of.trace.parent != 0) to.out.text(name, text_of_span(to.one.of.trace.parent)); }},
    row{{"outcome", "string", "", "as the metric `requests_total` counts it: `hit`, `stale`, `negative_hit`, `miss`, `coalesced`, `bypass`, `held`, `rejected`, `shed`, `failed`"},
        [](const line& to, std::string_view name) { to.out.text(name, name_of(to.one.of.ended)); }},
    row{{"status", "number", "", "status of the answer"},
        [](const line& to, std::string_view name) { to.out.number(name, to.one.of.status); }},
    row{{"fault", "string", "", "as in `Gateway-Fault`, if the gateway refused or failed the request"},
        [](const line& to, std::string_view name) { if (to.one.of.why) to.out.text(name, name_of(*to.one.of.why)); }},
    row{{"duration_us", "number", "µs", "time from the request's first byte to the answer's last byte handed to the kernel"},
        [](const line& to, std::string_view name) { to.out.number(name, whole_us(to.one.of.hops.total())); }},
    row{{"hops_us", "object", "µs", "time by hop, as in `hop_duration_seconds`; hops that took no time are left out"},
        write_hops},
    row{{"listener", "string", "", "configured address of the listener that received the request"},
        [](const line& to, std::string_view name) { if (to.one.of.listener < to.listeners.size()) to.name(name, to.listeners[to.one.of.listener]); }},
    row{{"method", "string", "", "`GET`, `HEAD`, `POST`, `OPTIONS` or `other`; absent if no request could be read"},
        [](const line& to, std::string_view name) { to.name(name, name_of(to.one.of.method)); }},
    row{{"resource", "string", "", "what was requested: `summary`, `annotation`, `call`, `events`, `metrics`, `summaries`; absent for anything else"},
        [](const line& to, std::string_view name) { if (to.one.of.what != resource::none) to.out.text(name, name_of(to.one.of.what)); }},
    row{{"call", "string", "", "the call: its SID or a hash of it, as `log.call_sids` says"},
        [](const line& to, std::string_view name) { to.name(name, to.one.call.view()); }},
    row{{"lookup", "string", "", "result of the cache lookup, as in `/api/explain`, if there was a lookup"},
        [](const line& to, std::string_view name) { if (to.one.of.looked_up) to.out.text(name, name_of(*to.one.of.looked_up)); }},
    row{{"detail", "string", "", "the `detail` of `Cache-Status`, if there is no `fault`"},
        [](const line& to, std::string_view name) { if (!to.one.of.why) to.name(name, to.one.of.detail); }},
    row{{"not_stored", "string", "", "why the upstream's answer was not stored, as in `not_stored_total`"},
        [](const line& to, std::string_view name) { if (to.one.of.why_not_stored) to.out.text(name, name_of(*to.one.of.why_not_stored)); }},
    row{{"upstream_status", "number", "", "status of the upstream's answer, if the head of one came for this request, usable or not"},
        [](const line& to, std::string_view name) { if (to.one.of.upstream_status != 0) to.out.number(name, to.one.of.upstream_status); }},
    row{{"retries", "number", "", "exchanges with the upstream that were repeated for this request, if any"},
        [](const line& to, std::string_view name) { if (to.one.of.retries != 0) to.out.number(name, to.one.of.retries); }},
    row{{"bytes", "number", "bytes", "size of the answer, its head included, before TLS"},
        [](const line& to, std::string_view name) { to.out.number(name, to.one.of.bytes); }},
    row{{"weight", "number", "", "number of requests that the line represents: 1, for a sampled one `log.sample`, and those of its fault that `log.lines_per_fault` left out before. In `/api/slow` and a dump: all of its group"},
        [](const line& to, std::string_view name) { to.out.number(name, to.one.weight); }},
    row{{"overhead_us", "number", "µs", "the gateway's own part of the duration: without the client, the upstream and time spent waiting for others"},
        [](const line& to, std::string_view name) { to.out.number(name, whole_us(to.one.of.hops.overhead())); }},
    row{{"client", "string", "", "the client as `/api/clients` names it: its name, or its address as `log.client_addresses` says"},
        [](const line& to, std::string_view name) { to.name(name, to.one.of.client.view()); }},
    row{{"first_us", "number", "µs since 1970-01-01 UTC", "in `/api/slow` and a dump: the first request of this group of failures; `time_us` is the newest, which the other members describe"},
        [](const line& to, std::string_view name) { if (to.one.first) to.out.number(name, whole_us(to.one.first->time_since_epoch())); }},
};
// clang-format on

constexpr auto members = [] {
  std::array<logged_member, member_rows.size()> all;
  for (std::size_t i = 0; i < member_rows.size(); ++i) all[i] = member_rows[i];
  return all;
}();

fixed_text<34> shown(const std::optional<call_sid>& call, logged_calls how, const short_hash_key& key) {
  if (!call || how == logged_calls::none) return {};    // defence: call-not-logged
  if (how == logged_calls::plain) return call->view();  // defence: call-hashed
  std::string hash;
  append_hex(hash, short_hash(key, call->lower().view()));
  return std::string_view{hash};
}

}  // namespace

logged_request redacted(const request_record& record, wall_time at, std::uint32_t weight, logged_calls calls, const short_hash_key& key) {
  logged_request one{record, at, weight, shown(record.call, calls, key)};
  one.of.call.reset();  // defence: record-redacted
  return one;
}

std::span<const logged_member> logged_members() { return members; }

void append_logged(std::string& out, const logged_request& one, std::span<const std::string> listeners, std::string_view type) {
  json_object object{out};
  line const to{object, out, one, listeners, type};
  for (auto const& each : member_rows) each.write(to, each.name);
}

}  // namespace gateway
