#include "io/runtime/sleeper.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace gateway {

task<bool> sleeper::sleep_until(mono_time deadline) {
  if (std::exchange(woken_, false)) co_return true;
  timer_.expires_at(deadline);
  co_await timer_.async_wait(use_op);
  co_return std::exchange(woken_, false);
}

void sleeper::wake() {
  asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->woken_ = true;
    self->timer_.cancel();
  });
}

}  // namespace gateway
