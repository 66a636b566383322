// Erases what is kept about a party: walks all stored answers, a few at a time, reads their bodies outside any lock, and erases those that
// hold the party. It has a thread of its own, of low priority, so that neither requests nor the control lane feel it. Erasures that come
// during a walk share the next one.
// Thread rule: any thread; `ended` is called on the eraser's own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/state/party_guard.hpp"
#include "app/state/shared_cache.hpp"
#include "app/state/snapshot_guard.hpp"

namespace gateway {

class party_eraser {
public:
  // Erasures that wait for the walk under way: the same party may be erased again and again.
  static constexpr std::size_t most_waiting = erased_parties::most;

  party_eraser(shared_cache& cache, party_guard& parties, snapshot_guard& disk) : cache_(cache), parties_(parties), disk_(disk) {}
  party_eraser(const party_eraser&) = delete;
  party_eraser& operator=(const party_eraser&) = delete;
  ~party_eraser() { stop(); }

  // How many kept answers were erased.
  using ended = std::function<void(std::uint64_t taken)>;
  // From now on no answer from before is stored that holds the party; then the walk begins. Returns a number for
  // snapshot_guard::is_settled(). nullopt: too many parties were erased lately, or too many erasures wait; nothing happens.
  std::optional<std::uint64_t> begin(const digest& who, mono_time now, ended then);
  // Ends without what has not been erased yet: memory goes with the process, and no snapshot was written since.
  void stop();

private:
  struct job {
    digest who{};
    ended then;
    std::uint64_t taken = 0;
    std::uint64_t last = 0;  // the number of the answer that was counted last: it may hold the party in several places
  };
  void run();
  // False: the process ends.
  bool walk(std::vector<job>& jobs);
  void erase_if_held(const lru_store::walked& one, std::vector<job>& jobs);

  shared_cache& cache_;
  party_guard& parties_;
  snapshot_guard& disk_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<job> waiting_;  // protected by mutex_, as the next two
  bool stopping_ = false;
  std::uint64_t looked_at_ = 0;  // answers, by the thread
  std::thread thread_;           // since the first erasure
};

}  // namespace gateway
