// Looks for the readers that are held for a call: one task a call and partition, however many readers there are. It asks as an ordinary
// fetch does, at the moments of the call's schedule, and behind the requests that wait for the upstream.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <memory>

#include "app/request/fetch_runner.hpp"
#include "core/polling/look_pace.hpp"

namespace gateway {

class call_watch {
public:
  call_watch(worker& at, fetch_runner& fetches, const polled_calls& schedule, held_readers& held)
      : at_(at), fetches_(fetches), schedule_(schedule), held_(held) {}

  // Until no reader is held for the call. `asks`, `who`: of its first reader; all readers of a partition ask with the same credential.
  void start(std::shared_ptr<held_call> call, principal asks, const requester& who);

private:
  task<void> run(std::shared_ptr<held_call> call, principal asks, requester who);
  // Null: it did not end in time.
  task<fetch_result_ptr> look(const held_call& call, const principal& asks, const requester& who, bool gives_way);
  [[nodiscard]] std::chrono::nanoseconds wait_after(const fetch_result_ptr& result) const;

  worker& at_;
  fetch_runner& fetches_;
  const polled_calls& schedule_;
  held_readers& held_;
};

}  // namespace gateway
