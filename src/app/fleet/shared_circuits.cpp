#include "app/fleet/shared_circuits.hpp"

#include <utility>

namespace gateway {

shared_circuits::shared_circuits(worker& at, engine& link, upstream_permits& permits, account_names& names, circuit_place where,
                                 std::function<void()> trouble)
    : at_(at), link_(link), permits_(permits), names_(names), where_(std::move(where)), trouble_(std::move(trouble)) {}

void shared_circuits::look(bool anyway) {
  again_ = true;
  anyway_ = anyway_ || anyway;
  if (!std::exchange(speaks_, true)) at_.start_task("circuits", speak());
}

task<void> shared_circuits::speak() {
  while (std::exchange(again_, false)) {
    auto const reports = permits_.report_circuits(std::exchange(anyway_, false));
    if (!reports) break;
    auto asking = link_.run(at_.get_executor(), circuit_call(where_, *reports, [this](std::uint64_t one) { return names_.name_of(one); }));
    auto const answer = co_await std::move(asking);
    auto const account_of = [this](std::string_view name) { return names_.account_of(name); };
    auto const words = answer.why == engine_trouble::none ? read_circuits(where_, answer.reply, account_of) : std::nullopt;
    if (!words) {
      trouble_();
      break;
    }
    permits_.take_circuits(*words);
  }
  speaks_ = false;
}

}  // namespace gateway
