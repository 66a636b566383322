#include "app/request/waiting.hpp"

#include "app/request/quota_desk.hpp"
#include "core/auth/scopes.hpp"
#include "core/limit/concurrency_fields.hpp"
#include "core/request/client_deadline.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// An exchange ends at its own deadline; the requests that wait for it wait a moment longer, to hear how it ended.
constexpr std::chrono::milliseconds grace{500};

requester begin_to_wait(const waiting_parts& parts, exchange& one, resource what) {
  one.record.hops.enter(hop::write, one.now);
  one.now = mono_now();
  one.record.hops.enter(hop::flight_wait, one.now);
  return requester_of(parts, one.from, what, one.now);
}

mono_time deadline_of(const exchange& one, mono_time permit_until) {
  auto const deadline = std::min(one.deadline, permit_until + grace);
  auto const by_client = client_deadline(one.head->request_timeout);
  return by_client ? std::min(deadline, one.now + *by_client) : deadline;  // defence: client-deadline
}

}  // namespace

requester requester_of(const waiting_parts& parts, const client& from, resource what, mono_time now) {
  auto const& who = *from.memo.last();
  requester made;
  made.account = account_scope(who, parts.table_key);
  made.client = client_scope(who, from, parts.table_key);
  made.credential = who.owner.bits();
  made.address = address_scope(from, parts.table_key);
  made.network = network_scope(from, parts.table_key);
  made.proved = parts.visible.is_proved(who.owner, now);
  made.guest = who.guest;
  made.what = what;
  made.named = named_scope(who);
  made.share = who.share;
  return made;
}

waiting_request::waiting_request(const waiting_parts& parts, exchange& one, resource what, span timeout)
    : who(begin_to_wait(parts, one, what)),
      permit_until(one.now + timeout),
      deadline(deadline_of(one, permit_until)),
      place_(parts.all, who) {}

void add_upstream_fields(const waiting_parts& parts, exchange& one, resource what, const fetch_result& result) {
  add_quota_fields(parts.quotas, one);
  // Retry-After of a quota says nothing about the account.
  auto const wait = result.why == fault::quota_exhausted ? std::chrono::seconds{0} : result.detail.retry_after;
  auto const who = requester_of(parts, one.from, what, one.now);
  if (!who.is_unproved()) append_concurrency(one.rate_limit, parts.permits.of(who.account), wait);  // defence: share-shown-to-proved
}

}  // namespace gateway
