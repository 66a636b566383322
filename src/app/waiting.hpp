// What all requests that wait for the upstream have in common: a bound on their number, a share of their time, and how their
// exchanges are counted.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <atomic>
#include <optional>

#include "app/shared_state.hpp"
#include "core/upstream/verdict.hpp"
#include "io/runtime/worker.hpp"

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

// How long an exchange may queue for its turn: what gets one must still have the time to use it, or under overload every turn would go
// to somebody whose time is just up, and nobody would be served.
constexpr span queueing_share(span timeout) { return timeout / 2; }

// One exchange with the upstream, by what came of it.
void count_exchange(worker& at, fault failed);
void count_exchange(worker& at, shared_state& shared, const verdict& meaning, const upstream_answer& answer);

}  // namespace gateway
