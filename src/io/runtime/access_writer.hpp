// The access log's own thread: takes what the workers have queued, makes lines of it, and writes them where log.access_file says. A full
// disk, or a reader that does not read, is felt here and nowhere else: queues fill, and what finds no place is counted.
// Thread rule: start() and stop() on the thread that made it; reopen() and lost() on any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/settings/settings.hpp"
#include "io/runtime/access_queue.hpp"
#include "io/runtime/line_file.hpp"

namespace gateway {

class access_writer {
public:
  // Throws std::runtime_error if the file cannot be opened. `names` outlives it.
  access_writer(const log_settings& values, const listener_names& names);
  ~access_writer() { stop(); }

  // Before the workers run. If log.access was none there is nothing to do.
  void start(std::vector<access_queue*> from);
  // After they have ended: writes what is left, as far as that is possible within a second.
  void stop();

  // The file was renamed: what comes now goes to a new one of the old name.
  void reopen() { wants_reopen_.store(true, std::memory_order_relaxed); }

  // Whether anybody takes what workers queue.
  [[nodiscard]] bool is_on() const { return is_on_; }
  // Lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
  void run();
  void look(std::chrono::milliseconds patience);
  bool flush(std::chrono::milliseconds patience);
  void open_again();

  std::string path_;
  listener_names::reader names_;
  std::vector<access_queue*> queues_;
  bool is_on_;
  line_file file_;
  std::string lines_;  // taken from the queues, not yet written
  bool failing_ = false;
  std::atomic<bool> wants_reopen_{false};
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool stopping_ = false;  // protected by mutex_
  std::thread thread_;
};

}  // namespace gateway
