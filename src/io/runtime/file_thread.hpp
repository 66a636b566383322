// One thread for whatever may wait for a disk, a network file system or a user database, so that no event loop does. It takes one job after
// the other. While one hangs, the others wait, and so does nothing else. Thread rule: belongs to the worker that gives it jobs; a job's
// work() runs on the thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "io/runtime/bounded_thread.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// What work() reads and writes is the thread's from file_thread::run() until is_done().
class file_job {
public:
  file_job() = default;
  file_job(const file_job&) = delete;
  file_job& operator=(const file_job&) = delete;
  virtual ~file_job() = default;

  virtual void work() = 0;
  [[nodiscard]] bool is_done() const { return done_.load(std::memory_order_acquire); }

private:
  friend class file_thread;
  std::atomic<bool> done_{false};
  std::shared_ptr<sleeper> waits_;
};

class file_thread {
public:
  explicit file_thread(worker& home) : home_(home) {}

  void start();
  // True once the job is done, false if the deadline came first; the thread does it nevertheless.
  task<bool> run(std::shared_ptr<file_job> one, mono_time deadline);
  // The same for a job that was given before. Tasks go on in the order in which they began to wait.
  static task<bool> wait(std::shared_ptr<file_job> one, mono_time deadline);
  // Gives up the jobs that have not begun. False: the thread still hangs, so this object must stay.
  bool stop(mono_time deadline);

private:
  void take_jobs();

  worker& home_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::shared_ptr<file_job>> waiting_;  // protected by mutex_, as the next one
  bool stopping_ = false;
  bounded_thread thread_;
};

}  // namespace gateway
