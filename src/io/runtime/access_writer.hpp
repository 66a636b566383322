// The access log's own thread: takes queued requests from the workers, formats lines and writes them to log.access_file. A full disk or a
// slow reader delays only this thread: the queues fill, and lines without room are dropped and counted.
// Thread rule: start() and stop() on the thread that made it; reopen() and lost() on any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "core/settings/settings.hpp"
#include "io/runtime/access_queue.hpp"
#include "io/runtime/bounded_thread.hpp"
#include "io/runtime/line_file.hpp"

namespace gateway {

class access_writer final : public resting_reader {
public:
  // Throws std::runtime_error if the file cannot be opened. `names` must outlive it.
  access_writer(const log_settings& values, const listener_names& names);
  ~access_writer() override;

  // Call it before the workers run. It does nothing if log.access was none.
  void start(std::vector<access_queue*> from);
  // Call it after the workers have ended: writes the remaining lines, as far as the deadline allows. False: the thread still hangs in a
  // write, so this object must stay.
  bool stop(mono_time deadline);

  // Call it after the file was renamed: later lines go to a new file of the old name.
  void reopen() {
    wants_reopen_.store(true, std::memory_order_relaxed);
    wake();
  }
  void wake() override;

  // Whether the queues of the workers are read.
  [[nodiscard]] bool is_on() const { return is_on_; }
  // Lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
  void run();
  bool begin_rest();
  // Whether there were lines.
  bool look(mono_time deadline);
  bool flush(mono_time deadline);
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
  bool stopping_ = false;  // protected by mutex_, as last_
  mono_time last_{};       // when a writer that stops must have ended
  bounded_thread thread_;
};

}  // namespace gateway
