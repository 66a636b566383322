// Sends the spans of traced requests to an OpenTelemetry collector, in batches. A slow or missing collector costs spans and nothing else:
// the queues are bounded, every attempt has a deadline, and lost spans are counted.
// Thread rule: belongs to the control worker. It reads the lanes' queues, which are made for that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/settings/settings.hpp"
#include "io/runtime/access_queue.hpp"
#include "io/upstream/poster.hpp"

namespace gateway {

class span_exporter {
public:
  // Throws std::runtime_error if the authorities cannot be read. `names` outlives it.
  span_exporter(worker& at, const tracing_settings& values, const listener_names& names);

  // Reads this queue, too. Call it before the lanes run.
  void attach(access_queue& from);
  // Runs until stop(), then sends what is queued within last_deadline.
  task<void> run();
  void stop() {
    stopping_ = true;
    collector_.close();
    sleeping_->wake();
  }
  [[nodiscard]] bool has_ended() const { return ended_; }

  [[nodiscard]] std::uint64_t exported() const { return exported_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

private:
  static constexpr std::size_t max_batch = 256;  // requests: less than 1 MB
  static constexpr std::chrono::seconds interval{1};
  static constexpr std::chrono::seconds batch_deadline{5};
  static constexpr std::chrono::seconds last_deadline{1};

  task<void> flush(mono_time deadline);
  std::vector<logged_request> take_batch();
  task<bool> send(const std::vector<logged_request>& batch, mono_time deadline);

  listener_names::reader names_;
  poster collector_;
  std::vector<access_queue*> queues_;
  std::shared_ptr<sleeper> sleeping_;
  bool stopping_ = false;
  bool ended_ = false;
  bool failing_ = false;
  std::uint64_t exported_ = 0;  // requests
  std::uint64_t lost_ = 0;
};

}  // namespace gateway
