// Keeps a snapshot of the cache on disk, so that the next process does not begin with an empty cache. It loads the existing snapshot while
// requests are already served. Then it writes a new one at intervals, soon after an entry of it was erased, and at the end.
// Thread rule: it has threads of its own, so that no worker waits for a disk. Its functions are called on the control worker's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <thread>

#include "app/state/authorized_cache.hpp"
#include "core/telemetry/metrics_snapshot.hpp"
#include "io/files/snapshot_reader.hpp"

namespace gateway {

// The key with which a usable snapshot's owners were fingerprinted. Its entries are found again only under that key.
std::optional<fingerprint_key> key_in_snapshot(const snapshot_settings& from);

// The parts of the gateway that a snapshot is written from and loaded into.
struct snapshot_parts {
  shared_cache& cache;
  authorized_cache& visible;
  snapshot_guard& guard;
  fingerprint_key owners;    // with which the entries' owners are fingerprinted
  short_hash_key table_key;  // of the cache's own table
};

class snapshot_keeper {
public:
  // `succeeds`: a predecessor has the files until it has written its last snapshot; this one waits for that. Throws if the key cannot be
  // read.
  snapshot_keeper(const settings& values, const snapshot_parts& parts, bool succeeds);
  ~snapshot_keeper() { join(); }
  snapshot_keeper(const snapshot_keeper&) = delete;
  snapshot_keeper& operator=(const snapshot_keeper&) = delete;

  // `ended`: called when the keeper has ended, on its own thread.
  void start(std::function<void()> ended);
  // Writes the last snapshot. `for_successor`: afterwards the files belong to the successor and are not touched again.
  void end(bool for_successor);
  [[nodiscard]] bool has_ended() const { return ended_.load(std::memory_order_acquire); }
  // Gives up the last snapshot; the one before stays.
  void abandon() { abandoned_.store(true, std::memory_order_relaxed); }
  void join();
  // After the end: whether the last snapshot should have been written and was not.
  [[nodiscard]] bool last_is_missing() const { return last_missing_; }

  // For a scrape.
  [[nodiscard]] snapshot_figures figures() const;

private:
  enum class written : std::uint8_t { yes, overtaken, failed };

  void run();
  void remove_erased();
  void guarded(const std::function<void()>& work);
  bool take_charge();
  void keep();
  void write_last();

  void load();
  bool load_entries(std::string_view entries, snapshot_marks& held);
  void ignore(const std::string& why_not);

  [[nodiscard]] bool has_changed() const;
  written write(bool last);
  written write_file(bool last, std::string& why_not);
  bool write_entries(snapshot_encoder& encoder, snapshot_output& to, snapshot_marks& held, bool last, std::string& why_not);
  [[nodiscard]] bool gives_up(bool last) const;

  const snapshot_parts parts_;
  snapshot_guard& guard_;
  const snapshot_settings values_;
  const freshness_policy freshness_;  // of the settings at start, for the entries that are loaded
  std::optional<fingerprint_key> seal_key_;
  const bool succeeds_;
  std::function<void()> on_end_;
  std::thread thread_;
  std::atomic<bool> ended_{true};
  std::atomic<bool> abandoned_{false};
  std::atomic<bool> for_successor_{false};

  // Used by the threads that load and write, one after the other.
  body_reader bodies_;
  bool load_is_partial_ = false;
  std::uint64_t dropped_ = 0;  // entries of the loaded snapshot that were left out
  std::uint64_t seen_ =
      std::numeric_limits<std::uint64_t>::max();  // movement() of the cache at the last write; at first a value that never occurs
  std::chrono::nanoseconds last_took_{0};
  bool last_missing_ = false;
  std::uint64_t now_written_ = 0;
  std::string logged_;  // why the last write failed, so that the same reason is logged once

  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<double> written_seconds_{0};
  std::atomic<double> took_seconds_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> loaded_{0};
};

}  // namespace gateway
