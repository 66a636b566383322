// The requests of one worker that are still to be logged, or exported as spans: a bounded queue between the worker and the thread that
// writes them.
// Thread rule: open() before either starts; put() on the worker's thread, take_all() and take_one() on the other. No call blocks.
#pragma once

#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/telemetry/logged_request.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

// The configured addresses of listeners, indexed by the listener's number in a request. The list only grows.
using listener_names = published<std::vector<std::string>>;

// A reader that looks at intervals, and rests when nothing comes. Only then is it woken, because a wake-up is a system call.
class resting_reader {
public:
  resting_reader() = default;
  resting_reader(const resting_reader&) = delete;
  resting_reader& operator=(const resting_reader&) = delete;
  virtual ~resting_reader() = default;
  virtual void wake() = 0;  // any thread
  std::atomic<bool> rests{false};
};

class access_queue {
public:
  static constexpr std::size_t room = 4096;  // 2 MB; enough for 200,000 requests per second between two runs of the log's thread

  // `reader`: is woken if it rests; null: it looks by itself.
  void open(resting_reader* reader = nullptr) {
    waiting_ = std::make_unique<queue>();
    reader_ = reader;
  }

  // False if the queue is full: the log's thread, or the process that reads its lines, is too slow.
  bool put(const logged_request& one) {
    if (!waiting_ || !waiting_->push(one)) return false;
    if (reader_ == nullptr) return true;
    std::atomic_thread_fence(std::memory_order_seq_cst);  // either this sees that the reader rests, or the reader sees the line
    if (reader_->rests.load(std::memory_order_relaxed)) reader_->wake();
    return true;
  }

  template <class Use>
  void take_all(Use&& use) {
    if (waiting_) waiting_->consume_all(use);
  }

  // False if the queue was empty.
  template <class Use>
  bool take_one(Use&& use) {
    return waiting_ && waiting_->consume_one(use) > 0;
  }
  // For the reader.
  [[nodiscard]] bool is_empty() const { return !waiting_ || waiting_->read_available() == 0; }
  [[nodiscard]] bool is_open() const { return waiting_ != nullptr; }

private:
  using queue = boost::lockfree::spsc_queue<logged_request, boost::lockfree::capacity<room>>;
  std::unique_ptr<queue> waiting_;  // null until opened
  resting_reader* reader_ = nullptr;
};

}  // namespace gateway
