// One fetch that all requests for the same answer share (request coalescing). No client owns it: the first request may leave, others may
// give up, and the answer still arrives, is stored, and wakes the requests that still wait. A flight ends exactly once.
// Thread rule: a flight is shared between workers; its mutex is never held across a wait.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/cache/key.hpp"
#include "core/request/summary_request.hpp"
#include "io/runtime/presence.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/upstream/fetch_result.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

struct flight_key {
  cache_key what;
  processing_state state;
  std::uint64_t generation;  // of the cache: a request after a purge must not get an answer that was fetched before it
  bool storable = true;      // false: for clients that forbid storing the answer, and for no others
  friend bool operator==(const flight_key&, const flight_key&) = default;
};

class flight_table;

class flight {
public:
  // `for_itself`: the flight goes on even if no request waits for it (a refresh). `wants`: the permit that it will wait for, if it needs
  // one.
  explicit flight(upstream_permits::request wants = nullptr, bool for_itself = false) : permit(std::move(wants)), for_itself_(for_itself) {}

  const upstream_permits::request permit;

  // Waits for the result. Null: the deadline came first. A request that leaves, at its deadline or because its client `here` has gone, no
  // longer counts as waiting. When no request waits any more, an exchange that has not been sent is dropped.
  static task<fetch_result_ptr> wait(std::shared_ptr<flight> self, executor where, mono_time deadline, presence* here = nullptr);

  // The first call counts; later ones change nothing.
  void complete(fetch_result_ptr result);

  // The number of waiting requests.
  [[nodiscard]] std::size_t waiting() const;
  // Whether the flight is incomplete and no request waits for it.
  [[nodiscard]] bool is_abandoned() const;

private:
  struct waiter {
    std::shared_ptr<sleeper> wakes;
    bool gone = false;  // its task is still woken, so that it can end
  };
  using waiters = std::list<waiter>;
  fetch_result_ptr register_or_get(const std::shared_ptr<sleeper>& one, waiters::iterator& place);
  fetch_result_ptr leave_or_get(waiters::iterator place);
  void note_gone(waiters::iterator place);
  void abandon_if_empty() const;

  const bool for_itself_;
  mutable std::mutex mutex_;
  fetch_result_ptr result_;  // protected by mutex_
  waiters waiting_;          // protected by mutex_
  std::size_t gone_ = 0;     // of waiting_; protected by mutex_
};

// The duty to complete a flight. A leader that is dropped completes it as an internal failure, so that no request waits for ever.
class flight_leader {
public:
  // For a flight in a table, or one that no other request can join.
  flight_leader(std::shared_ptr<flight> whose, flight_table& table, const flight_key& key)
      : flight_(std::move(whose)), table_(&table), key_(key) {}
  explicit flight_leader(std::shared_ptr<flight> whose) : flight_(std::move(whose)) {}
  flight_leader(flight_leader&&) noexcept = default;
  flight_leader& operator=(flight_leader&&) = delete;
  ~flight_leader();

  void complete(fetch_result_ptr result);
  [[nodiscard]] bool is_abandoned() const { return flight_->is_abandoned(); }
  [[nodiscard]] const upstream_permits::request& permit() const { return flight_->permit; }

private:
  std::shared_ptr<flight> flight_;  // null once complete
  flight_table* table_ = nullptr;   // null: the flight is private and in no table
  std::optional<flight_key> key_;   // its key in that table
};

class flight_table {
public:
  struct join_result {
    std::shared_ptr<flight> joined;
    std::optional<flight_leader> lead;  // set for the request that has to start the fetch
  };
  // `permit`, `for_itself`: for a new flight.
  join_result join(const flight_key& key, upstream_permits::request permit = nullptr, bool for_itself = false);
  // A flight that no other request can join.
  static join_result lead_alone(upstream_permits::request permit = nullptr);

  [[nodiscard]] std::size_t size() const;

  struct listed {
    partition owner;
    processing_state state{};
    std::size_t waiting = 0;
  };
  // The flights for one call, for /api/explain; linear.
  [[nodiscard]] std::vector<listed> list(const call_sid& call) const;

private:
  friend class flight_leader;
  void remove(const flight_key& key);

  struct hash {
    std::size_t operator()(const flight_key& key) const { return key.what.hash ^ static_cast<std::size_t>(key.state); }
  };
  mutable std::mutex mutex_;
  std::unordered_map<flight_key, std::shared_ptr<flight>, hash> flights_;  // protected by mutex_
};

}  // namespace gateway
