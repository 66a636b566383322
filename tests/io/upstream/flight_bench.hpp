// Tasks that wait for flights, each of which records its result.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/runtime/clock.hpp"
#include "io/runtime/spawn.hpp"
#include "io/upstream/flight.hpp"

namespace gateway::test {

// The key of a different call for each number.
inline flight_key key_of(unsigned number, processing_state state = processing_state::absent, std::uint64_t generation = 0) {
  std::string digits = std::to_string(number);
  auto const call = *call_sid::parse("CA" + std::string(32 - digits.size(), '0') + digits);
  cache_key const what{partition(), call, short_hash_key()};
  flight_key const key{what, state, generation};
  return key;
}

struct waiting_task {
  int endings = 0;
  fetch_result_ptr heard;  // null: the deadline came first

  [[nodiscard]] bool failed_as(fault why) const { return endings == 1 && heard && !heard->has_answer() && heard->why == why; }
};

inline task<void> ride(std::shared_ptr<flight> on, executor where, mono_time deadline, waiting_task& who, presence* here) {
  auto const completed = co_await flight::wait(on, where, deadline, here);
  who.heard = completed;
  ++who.endings;
}

// The waiting tasks of one thread. Members shared with other threads are read only before it starts and after it ended.
struct waiting_room {
  live_tasks live;
  asio::io_context loop{1};

  void wait(const std::shared_ptr<flight>& on, mono_time deadline, waiting_task& who, presence* here = nullptr) {
    spawn(loop.get_executor(), live, "waiting_task", ride(on, loop.get_executor(), deadline, who, here));
  }
  // Runs all tasks that can continue; the others are then registered with their flight.
  void settle() {
    loop.restart();
    loop.poll();
  }
};

}  // namespace gateway::test
