// The signals of the program. A thread of its own waits for them, so that a signal counts from the program's first instruction on and
// while every other thread waits for something else.
// Thread rule: hold() and release() before the first thread; the other functions on any. The thread reads no environment.
#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gateway {

class signal_watch {
public:
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
  // The program is about to end: the next SIGTERM or SIGINT ends it at once.
  void end();

private:
  void run();
  void take(int signal);

  mutable std::mutex mutex_;
  std::function<void(int)> taker_;  // what follows is protected by mutex_
  std::vector<int> missed_;         // while there was no taker, each once
  bool ending_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gateway
