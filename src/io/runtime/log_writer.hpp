// The log's own thread: takes lines from a bounded queue and writes them to standard error. A slow reader delays only this thread. The
// queue then fills, and its oldest lines are dropped and counted.
// Thread rule: put() and lost() on any thread, start() and stop() on one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "io/runtime/bounded_thread.hpp"
#include "io/runtime/line_file.hpp"

namespace gateway {

class log_writer {
public:
  static constexpr std::size_t room = 8192;  // lines

  // Before start() and after stop(), a line is written directly, and waits for its reader a tenth of a second at most.
  void put(std::string_view line);
  void start();
  // Writes the remaining lines, as far as the deadline allows. False: the thread still hangs in a write, so this object must stay.
  bool stop(mono_time deadline);

  // Lines that were dropped, or could not be written.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
  enum class state : std::uint8_t { direct, queued, stopping, hung };

  void run();
  // What remains of the lines if there is no room by the deadline.
  void write(std::string& lines, mono_time deadline);

  std::mutex mutex_;
  std::condition_variable wakes_;
  state is_ = state::direct;  // protected by mutex_, as the next three
  mono_time last_{};          // when a writer that stops must have ended
  std::deque<std::string> queue_;
  line_file file_;  // used by the thread while it runs, else under mutex_
  std::atomic<std::uint64_t> lost_{0};
  bounded_thread thread_;
};

}  // namespace gateway
