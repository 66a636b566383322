// One fetch that everybody who asks for the same thing shares. It belongs to no client: the first may leave, the others may give up,
// and the answer still arrives, is filed, and wakes whoever still waits. Each ends exactly once, whatever happens to who flies it.
// Thread rule: a flight is shared between workers; its mutex is never held across a wait.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/cache/key.hpp"
#include "core/reply/reply.hpp"
#include "core/request/summary_request.hpp"
#include "core/telemetry/hop_ledger.hpp"
#include "core/upstream/remember.hpp"
#include "io/runtime/presence.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// What came of it, the same for all who waited.
struct fetch_result {
  enum class ending : std::uint8_t {
    answered,   // by the upstream; `answer` says whether it was filed, and is theirs who waited if it was not
    found,      // somebody else had filed it in the meantime
    throttled,  // the upstream would not say: its answer is about itself, not about the call
    failed,     // it was asked, and nothing came that could be used: `why`
    shed,       // it was not asked: `why`
    abandoned,  // it was not asked, for nobody waited any more
  } is = ending::failed;
  fault why = fault::internal;
  fault_detail detail;
  remembered answer;  // of the first three
  hop_ledger hops;
  unsigned retries = 0;  // exchanges that were repeated

  [[nodiscard]] bool has_answer() const { return is < ending::failed; }
  [[nodiscard]] bool was_asked() const { return is < ending::shed; }
  // It ended because the time, or the patience, of those was over who wanted it first.
  [[nodiscard]] bool is_end_of_others() const {
    return is == ending::abandoned || (is == ending::failed && why == fault::upstream_timeout);
  }
};
using fetch_result_ptr = std::shared_ptr<const fetch_result>;

struct flight_key {
  cache_key what;
  processing_state state;
  std::uint64_t generation;  // of the cache: who asks after a purge must not get what was fetched before it
  bool storable = true;      // false: for readers who forbid to keep the answer, and for nobody else
  friend bool operator==(const flight_key&, const flight_key&) = default;
};

class flight_table;

class flight {
public:
  // `for_itself`: it has a purpose of its own (a refresh), whether or not anybody waits.
  explicit flight(upstream_permits::request wants = nullptr, bool for_itself = false) : permit(std::move(wants)), for_itself_(for_itself) {}

  const upstream_permits::request permit;  // that it is going to wait for; null if it needs none

  // Null if the deadline came first. Who goes, by that or by the end of `here`, counts no longer among those who wait; when all have gone,
  // what has not been sent will not be.
  static task<fetch_result_ptr> wait(std::shared_ptr<flight> self, executor where, mono_time deadline, presence* here = nullptr);

  // The first call counts; later ones change nothing.
  void land(fetch_result_ptr result);

  // Who still is there.
  [[nodiscard]] std::size_t waiting() const;
  // Nobody waits (any more) for what has not landed.
  [[nodiscard]] bool is_abandoned() const;

private:
  struct seat {
    std::shared_ptr<sleeper> wakes;
    bool gone = false;  // it is woken all the same: its task goes on
  };
  using seats = std::list<seat>;
  fetch_result_ptr register_or_get(const std::shared_ptr<sleeper>& one, seats::iterator& place);
  fetch_result_ptr leave_or_get(seats::iterator place);
  void note_gone(seats::iterator place);
  void abandon_if_empty() const;

  const bool for_itself_;
  mutable std::mutex mutex_;
  fetch_result_ptr result_;  // protected by mutex_
  seats waiting_;            // protected by mutex_
  std::size_t gone_ = 0;     // of waiting_; protected by mutex_
};

// Whoever holds it must land the flight; dropping it lands the flight as an internal failure, so that nobody is stranded.
class flight_leader {
public:
  // Of a flight in a table, or of one that nobody else can join.
  flight_leader(std::shared_ptr<flight> whose, flight_table& table, const flight_key& key)
      : flight_(std::move(whose)), table_(&table), key_(key) {}
  explicit flight_leader(std::shared_ptr<flight> whose) : flight_(std::move(whose)) {}
  flight_leader(flight_leader&&) noexcept = default;
  flight_leader& operator=(flight_leader&&) = delete;
  ~flight_leader();

  void land(fetch_result_ptr result);
  [[nodiscard]] bool is_abandoned() const { return flight_->is_abandoned(); }

private:
  std::shared_ptr<flight> flight_;  // null once landed
  flight_table* table_ = nullptr;   // null: the flight is private and in no table
  std::optional<flight_key> key_;   // there
};

class flight_table {
public:
  struct boarding {
    std::shared_ptr<flight> joined;
    std::optional<flight_leader> lead;  // set for the one who has to fly it
  };
  // `turn`, `for_itself`: of the flight if it is a new one.
  boarding board(const flight_key& key, upstream_permits::request permit = nullptr, bool for_itself = false);
  // A flight that nobody else can join.
  static boarding lead_alone(upstream_permits::request permit = nullptr);

  [[nodiscard]] std::size_t size() const;

  struct listed {
    partition owner;
    processing_state state{};
    std::size_t waiting = 0;
  };
  // The flights about one call, for explain; linear.
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
