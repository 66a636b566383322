#include "io/fleet/engine_detour.hpp"

#include <utility>

namespace gateway {
namespace {

constexpr std::chrono::seconds detour_time{1};

}  // namespace

void engine_detour::send(const engine_address& to, std::string_view command, taker take) {
  if (under_way_ && to_ != to) close();
  awaited_.push_back(std::move(take));
  append_command(unsent_, {"ASKING"});
  unsent_ += command;
  if (over_) {
    over_->post(std::exchange(unsent_, {}));
    if (awaited_.size() == 1) over_->set_deadline(mono_now() + detour_time);
  }
  if (std::exchange(under_way_, true)) return;
  to_ = to;
  at_.start_task("engine detour", serve(++journey_));
}

void engine_detour::close() {
  ++journey_;
  under_way_ = false;
  unsent_.clear();
  if (auto const over = std::exchange(over_, nullptr)) over->close();
  for (auto const& each : std::exchange(awaited_, {})) each(nullptr);
}

task<void> engine_detour::serve(std::uint64_t journey) {
  auto const opened = co_await dialler_.open_detour(to_, mono_now() + detour_time);
  auto const& over = opened.connection;
  if (journey == journey_ && over) {
    over_ = over;
    over->post(std::exchange(unsent_, {}));
    over->set_deadline(mono_now() + detour_time);
  }
  // Two replies for each command; the first one says that the node was asked.
  engine_reply reply;
  for (bool is_answer = false; journey == journey_ && over; is_answer = !is_answer) {
    bool const came = co_await over->next(reply);
    if (!came || journey != journey_ || awaited_.empty()) break;
    if (!is_answer) continue;
    auto const take = std::move(awaited_.front());
    awaited_.pop_front();
    over->set_deadline(awaited_.empty() ? timed::never : mono_now() + detour_time);
    take(&reply);
  }
  if (journey == journey_) {
    close();
  } else if (over) {
    over->close();
  }
}

}  // namespace gateway
