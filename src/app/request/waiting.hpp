// What all requests that wait for the upstream have in common: a bound on their number, whom they count against, and how what came of
// their exchanges is told.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>

#include "app/state/shared_state.hpp"
#include "core/upstream/verdict.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

// An exchange ends at its own deadline; those who wait for it wait a moment longer, to hear how it ended.
inline constexpr std::chrono::milliseconds waiting_grace{500};

// One of the requests that wait for the upstream, over all workers. Those whose credential is not proved leave half of the places to
// others.
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
    all_.count.fetch_sub(1, std::memory_order_relaxed);
    if (unproved_) all_.unproved.fetch_sub(1, std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_one_too_many(std::uint64_t most) const {
    return before_ >= most || (unproved_ && unproved_before_ >= std::max<std::uint64_t>(most / 2, 1));
  }

private:
  waiting_requests& all_;
  bool unproved_;
  std::uint64_t before_;
  std::uint64_t unproved_before_;
};

// Once it is known who asks.
requester requester_of(const shared_state& shared, const client& from, resource what, mono_time now);

// On whose behalf the upstream is asked: with which credential, named how, in which trace.
struct principal {
  // Once it is known who asks. Continues the request's trace.
  principal(exchange& one, const request_head& head);

  secret authorization;
  client_name name;
  std::string trace;  // fields of what is sent
};

// The fields that tell of the account's limit, for an answer to a request whose credential is proved: to nobody else does it say anything.
void tell_share(const shared_state& shared, exchange& one, resource what, std::chrono::seconds wait);

// How a request is answered that got no turn, and when it may come again.
fault_detail detail_of(const upstream_permits::admitted& shed, const settings& config);

// Ends the turn of an exchange with what came of it, and counts that. `about`: what the answer says of the credential, which has been
// learnt.
void report(worker& at, upstream_permits::permit& permit, fault failed, bool connected);
void report(worker& at, shared_state& shared, upstream_permits::permit& permit, const verdict& meaning, credential_evidence about,
            const upstream_answer& answer);

}  // namespace gateway
