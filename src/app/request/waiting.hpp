// A request that waits for the upstream: for which requester, until when, and its place among all that wait.
// Thread rule: any thread; counts are atomic.
#pragma once

#include <algorithm>
#include <atomic>

#include "app/state/authorized_cache.hpp"
#include "app/state/client_quotas.hpp"
#include "app/state/waiting_requests.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// One of the requests that wait for the upstream, over all workers. Requests whose credential is not proved leave half of the places to
// the others.
class waiting_place {
public:
  waiting_place(waiting_requests& all, const requester& who)
      : all_(all),
        unproved_(who.is_unproved()),
        before_(all.count.fetch_add(1, std::memory_order_relaxed)),
        unproved_before_(unproved_ ? all.unproved.fetch_add(1, std::memory_order_relaxed) : 0) {}
  waiting_place(const waiting_place&) = delete;
  waiting_place& operator=(const waiting_place&) = delete;
  ~waiting_place() {
    all_.count.fetch_sub(1, std::memory_order_relaxed);  // defence: waiting-place-returned
    if (unproved_) all_.unproved.fetch_sub(1, std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_one_too_many(std::uint64_t most) const {
    return before_ >= most || (unproved_ && unproved_before_ >= std::max<std::uint64_t>(most / 2, 1));  // defence: waiting-half-proved
  }

private:
  waiting_requests& all_;
  bool unproved_;
  std::uint64_t before_;
  std::uint64_t unproved_before_;
};

// What waiting for the upstream needs of the state that all workers share.
struct waiting_parts {
  const short_hash_key& table_key;
  const authorized_cache& visible;
  const upstream_permits& permits;
  const client_quotas& quotas;
  waiting_requests& all;
};

// The requester behind an admitted request.
requester requester_of(const waiting_parts& parts, const client& from, resource what, mono_time now);

class waiting_request {
public:
  // Begins to wait: the time until now belonged to writing earlier answers. `timeout`: of the upstream.
  waiting_request(const waiting_parts& parts, exchange& one, resource what, span timeout);

  [[nodiscard]] bool is_one_too_many(const settings& config) const { return place_.is_one_too_many(config.limits.max_waiters); }

  const requester who;
  const mono_time permit_until;  // no permit is granted that would leave too little time for an exchange before then
  const mono_time deadline;      // the client waits until then: its own deadline, if it said one and that is earlier

private:
  const waiting_place place_;
};

// RateLimit fields of a request that needed the upstream, with what came of it: they tell the client's quota, and the account's limit if
// the credential is proved; others must not learn of it.
void add_upstream_fields(const waiting_parts& parts, exchange& one, resource what, const fetch_result& result);

}  // namespace gateway
