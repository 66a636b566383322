// What all requests that wait for the upstream have in common: a bound on their number, whom they count against, and how what came of
// their exchanges is told.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <atomic>
#include <optional>

#include "app/shared_state.hpp"
#include "core/upstream/verdict.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

// One of the requests that wait for the upstream, over all workers.
class waiting_place {
public:
  explicit waiting_place(std::atomic<std::uint64_t>& count) : count_(count), before_(count.fetch_add(1, std::memory_order_relaxed)) {}
  waiting_place(const waiting_place&) = delete;
  waiting_place& operator=(const waiting_place&) = delete;
  ~waiting_place() { count_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t before() const { return before_; }

private:
  std::atomic<std::uint64_t>& count_;
  std::uint64_t before_;
};

// Once it is known who asks.
upstream_turns::applicant applicant_of(const shared_state& shared, const client& from);

// On whose behalf the upstream is asked: with which credential, named how, in which trace.
struct principal {
  // Once it is known who asks. Continues the request's trace.
  principal(exchange& one, const request_head& head);

  secret authorization;
  client_name name;
  std::string trace;  // fields of what is sent
};

// How a request is answered that got no turn, and when it may come again.
fault_detail detail_of(const upstream_turns::admitted& shed, const settings& config);

// Ends the turn of an exchange with what came of it, and counts that.
void report(worker& at, upstream_turns::turn& turn, fault failed);
void report(worker& at, shared_state& shared, upstream_turns::turn& turn, const verdict& meaning, const upstream_answer& answer);

}  // namespace gateway
