#include "io/runtime/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "io/runtime/log.hpp"

namespace gateway {

void spawn(const executor& where, live_tasks& live, std::string_view name, task<void> work) {
  ++live.count_;
  auto ended = [&live, name](std::exception_ptr failed) {
    --live.count_;
    if (!failed) return;
    try {
      std::rethrow_exception(failed);
    } catch (const std::exception& error) {
      log_entry(logbook_kind::task_failed, {{"task", name}, {"cause", std::string{"an exception: "} + error.what()}});
    } catch (...) {
      log_entry(logbook_kind::task_failed, {{"task", name}, {"cause", "an unknown exception"}});
    }
  };
  asio::co_spawn(where, std::move(work), std::move(ended));
}

}  // namespace gateway
