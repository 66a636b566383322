// The only way to start a coroutine that is not awaited: it has a name, it is counted, and its exception is logged.
// Thread rule: call it on the thread of the executor.
#pragma once

#include <cstdint>
#include <string_view>

#include "io/runtime/task.hpp"

namespace gateway {

// Counts the running tasks of one worker; drain waits for zero.
class live_tasks {
public:
  [[nodiscard]] std::uint64_t count() const { return count_; }

private:
  friend void spawn(const executor&, live_tasks&, std::string_view, task<void>);
  std::uint64_t count_ = 0;
};

void spawn(const executor& where, live_tasks& live, std::string_view name, task<void> work);

}  // namespace gateway
