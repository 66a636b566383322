// The signals of the program, and the last bound of its end. A thread of its own waits for both, so that a signal counts from the program's
// first instruction on, and an end comes in time, whatever the other threads wait for.
// Thread rule: hold() and release() before the first thread; the other functions on any. The thread reads no environment.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/time.hpp"

namespace gateway {

class signal_watch {
public:
  // What an end may take besides limits.drain_delay and limits.drain_timeout.
  static constexpr std::chrono::seconds last_steps{11};

  // No signal of ours ends the program or interrupts one of its threads from now on; it waits until a watch starts.
  static void hold();
  // For commands that do not serve: signals end them as usual.
  static void release();

  signal_watch();
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  // `taker` gets each signal, and first those that came before. It is called on the watch's thread and must not wait. Null: no taker.
  void give_to(std::function<void(int)> taker);
  // Whether SIGTERM or SIGINT has come, or end() was called.
  [[nodiscard]] bool is_ending() const;
  // The program is about to end, if no signal has said so before: the next SIGTERM or SIGINT ends it at once.
  void end();
  // How long an end may take, from now on. Then the process ends with exit code 70.
  void allow(std::chrono::nanoseconds time);

private:
  void run();
  int wait();
  void take(int signal);
  void begin_end();

  mutable std::mutex mutex_;
  std::function<void(int)> taker_;  // what follows is protected by mutex_
  std::vector<int> missed_;         // while there was no taker, each once
  std::chrono::nanoseconds allowed_;
  mono_time latest_ = mono_time::max();  // the end of the process
  bool ending_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gateway
