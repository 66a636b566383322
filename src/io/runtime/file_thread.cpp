#include "io/runtime/file_thread.hpp"

#include <exception>
#include <utility>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

void file_thread::start() {
  thread_.start([this] { take_jobs(); });
}

task<bool> file_thread::run(std::shared_ptr<file_job> one, mono_time deadline) {
  one->waits_ = std::make_shared<sleeper>(home_.get_executor());
  {
    std::lock_guard const lock{mutex_};
    waiting_.push_back(one);
  }
  wakes_.notify_one();
  bool const done = co_await wait(one, deadline);
  co_return done;
}

task<bool> file_thread::wait(std::shared_ptr<file_job> one, mono_time deadline) {
  while (!one->is_done() && mono_now() < deadline) co_await one->waits_->sleep_until(deadline);
  co_return one->is_done();
}

bool file_thread::stop(mono_time deadline) {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    waiting_.clear();
  }
  wakes_.notify_one();
  return thread_.join_until(deadline);
}

void file_thread::take_jobs() {
  std::unique_lock lock{mutex_};
  while (true) {
    wakes_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    auto const one = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      one->work();
    } catch (const std::exception& error) {
      log_error("files: {}", error.what());
    }
    one->done_.store(true, std::memory_order_release);
    one->waits_->wake();
    lock.lock();
  }
}

}  // namespace gateway
