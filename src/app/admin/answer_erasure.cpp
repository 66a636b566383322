// The answer of admin_service to POST /api/erase: it waits until the number is erased everywhere, but not for ever.
#include "app/admin/admin_service.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {
namespace {

// An erasure reads all that is kept, and other gateways and the disk confirm it.
constexpr std::chrono::seconds longest_erasing{10};
constexpr std::chrono::milliseconds look_interval{5};

}  // namespace

task<void> admin_service::answer_erasure(std::uint64_t number, exchange& one) {
  auto const sleeping = std::make_shared<sleeper>(one.at.get_executor());
  auto const deadline = mono_now() + longest_erasing;
  auto now = backend_.erasure(number);
  while (now.is_running && mono_now() < deadline) {
    auto const next = mono_now() + look_interval;
    co_await sleeping->sleep_until(next);
    now = backend_.erasure(number);
  }
  auto const context = one.reply();
  one.record.status = append_made(one.out, now.is_complete ? 200 : 202, "application/json", "", now.json, context);
}

}  // namespace gateway
