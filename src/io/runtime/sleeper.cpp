#include "io/runtime/sleeper.hpp"

#include <boost/asio/post.hpp>

namespace gateway {

task<bool> sleeper::sleep_until(mono_time deadline) {
  if (woken_) co_return true;
  timer_.expires_at(deadline);
  co_await timer_.async_wait(use_op);
  co_return woken_;
}

void sleeper::wake() {
  asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->woken_ = true;
    self->timer_.cancel();
  });
}

}  // namespace gateway
