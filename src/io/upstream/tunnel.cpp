#include "io/upstream/tunnel.hpp"

#include <utility>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

void egress_proxy::failed(std::string cause) const {
  std::unique_lock lock{mutex_};
  if (cause_ == cause) return;
  if (cause_.empty()) failing_since_ = mono_now();
  cause_ = cause;
  lock.unlock();
  log_entry(logbook_kind::egress_failed, {{"authority", authority_}, {"cause", cause}});
}

void egress_proxy::opened() const {
  std::unique_lock lock{mutex_};
  if (std::exchange(cause_, {}).empty()) return;
  auto const lasted = mono_now() - failing_since_;
  lock.unlock();
  log_entry(logbook_kind::egress_recovered, {{"authority", authority_}, {"lasted_ms", lasted}});
}

}  // namespace gateway
