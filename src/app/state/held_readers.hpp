// Readers that are held because their call is not ready, over all workers: by call, with the watch that looks for them. An answer that a
// fetch brings wakes those that it concerns. Thousands may wake at once: each worker wakes its own, a few in each step of its loop, so that
// other requests go on between them.
// Thread rule: any thread; the mutex is never held across a wait. A held_reader and a held_lane belong to their worker.
#pragma once

#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/cache/key.hpp"
#include "core/polling/hold_bound.hpp"
#include "core/polling/woken_readers.hpp"
#include "core/request/summary_request.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

class held_readers;
class held_reader;
class held_call;

using held_list = boost::intrusive::list<
    held_reader, boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
    boost::intrusive::constant_time_size<false>>;

// A place for one held reader, until it is destroyed.
class hold_place {
public:
  hold_place() = default;
  hold_place(held_readers& from, std::uint64_t client) : from_(&from), client_(client) {}
  hold_place(hold_place&& other) noexcept : from_(std::exchange(other.from_, nullptr)), client_(other.client_) {}
  hold_place& operator=(hold_place&& other) noexcept {
    std::swap(from_, other.from_);
    std::swap(client_, other.client_);
    return *this;
  }
  ~hold_place();
  explicit operator bool() const { return from_ != nullptr; }

private:
  held_readers* from_ = nullptr;
  std::uint64_t client_ = 0;
};

// The readers of one worker that are about to wake.
class held_lane {
public:
  explicit held_lane(const executor& where) : where_(where) {}

private:
  friend class held_readers;
  friend class held_reader;
  executor where_;
  held_list woken_;     // protected by the mutex of held_readers
  bool wakes_ = false;  // a step of the worker that wakes some is on its way; protected likewise
};

class held_readers {
public:
  held_readers(std::uint64_t most, const short_hash_key& table_key) : table_key_(table_key), bound_(most) {}

  void set_most(std::uint64_t most);
  // Empty: there is none for this client, or the call has too many readers already.
  [[nodiscard]] hold_place take_place(const cache_key& key, std::uint64_t client, std::uint64_t most_per_call);

  // An answer to the question of that call and partition, whichever fetch brought it. `generation`: of the cache when it was requested; a
  // reader that came after a purge must not get an answer from before it.
  void arrived(const cache_key& key, std::uint64_t generation, woken_readers wakes, const fetch_result_ptr& what);
  // There is reason to look now: the watches of that call ask their schedule again.
  void look_now(const call_sid& call);
  // All readers get their present answer: the process drains, or the rules have changed.
  void release_all();

  [[nodiscard]] std::uint64_t held() const;
  [[nodiscard]] bool has_ended(const held_call& call) const;
  // Of the clients for which readers of the call wait, the first that may pay; nothing: none may. `may_pay` is called under the lock.
  [[nodiscard]] std::optional<std::string> find_payer(const held_call& call, const std::function<bool(std::string_view)>& may_pay) const;
  // Whether a reader of the call takes a partial summary.
  [[nodiscard]] bool takes_partial(const held_call& call) const;
  // For operators: the readers of one call that wait still, by partition; linear.
  struct listed {
    partition owner;
    std::size_t readers = 0;
    mono_time first_end;  // of a hold, if there are any
  };
  [[nodiscard]] std::vector<listed> list(const call_sid& call) const;

private:
  friend class held_reader;
  friend class hold_place;
  enum class wake_up : std::uint8_t { none, answered, released };

  // The call, and whether a watch has to be started for it.
  std::pair<std::shared_ptr<held_call>, bool> join(held_reader& one, const cache_key& key);
  void leave(held_reader& one);
  void give_back(std::uint64_t client);
  held_call* find(const cache_key& key);
  static void move_woken(held_list& from, std::uint64_t generation, wake_up why, const fetch_result_ptr& what, std::vector<held_lane*>& to);
  void post(const std::vector<held_lane*>& lanes);
  void wake_some(held_lane& lane);

  const short_hash_key table_key_;
  mutable std::mutex mutex_;
  hold_bound bound_;                                                          // protected by mutex_, as all that follows
  std::unordered_multimap<std::uint64_t, std::shared_ptr<held_call>> calls_;  // by the call's bits
};

// The readers of one call and partition.
class held_call {
public:
  held_call(const cache_key& what, const executor& where) : key(what), wakes(std::make_shared<sleeper>(where)) {}

  const cache_key key;
  const std::shared_ptr<sleeper> wakes;  // of its watch: there is reason to look, or no reader is left

private:
  friend class held_readers;
  held_list complete_;       // readers that want a complete summary; protected by the mutex of held_readers, as all that follows
  held_list anything_;       // readers that also take a partial one
  std::size_t readers_ = 0;  // those that are woken, but have not left yet, included
  bool ended_ = false;       // no reader is left
};

// One reader, while it waits. It leaves when it is destroyed.
class held_reader : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  // `end`: of the hold. `payer`: the name under which its client has a quota; outlives it.
  held_reader(held_readers& all, held_lane& lane, const cache_key& key, processing_state state, std::uint64_t generation, mono_time end,
              std::string_view payer = {});
  ~held_reader() { all_.leave(*this); }
  held_reader(const held_reader&) = delete;
  held_reader& operator=(const held_reader&) = delete;

  // Set for the reader that has to start the watch of its call.
  [[nodiscard]] std::shared_ptr<held_call> to_watch() const { return starts_watch_ ? call_ : nullptr; }

  // Its task waits for this timer, which ends with the hold, and is cancelled when the reader wakes.
  steady_timer timer;

  // After the wait: what has come for it, null if nothing has. From now on nothing more comes.
  const fetch_result_ptr& end();
  // Valid after end().
  [[nodiscard]] bool is_released() const { return why_ == held_readers::wake_up::released; }

private:
  friend class held_readers;
  held_readers& all_;
  held_lane& lane_;
  const std::uint64_t generation_;
  const bool takes_partial_;
  const mono_time end_;
  const std::string_view payer_;
  bool starts_watch_ = false;
  std::shared_ptr<held_call> call_;
  held_readers::wake_up why_ = held_readers::wake_up::none;  // protected by the mutex until end(), as the next
  fetch_result_ptr result_;
};

}  // namespace gateway
