#include "io/fleet/engine_feed.hpp"

#include "core/fleet/engine_error.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds pause_after_loss{1};
// Without a message or the reply to a probe for so long, the connection is given up.
constexpr std::chrono::seconds longest_silence{3};

}  // namespace

engine_feed::engine_feed(worker& at, engine_dialler& dialler, std::string channel)
    : dialler_(dialler), channel_(std::move(channel)), pause_(std::make_shared<sleeper>(at.get_executor())) {}

task<void> engine_feed::run() {
  while (!ends_) {
    auto const deadline = wanted_ ? mono_now() + pause_after_loss : timed::never;
    co_await pause_->sleep_until(deadline);
    if (ends_ || !wanted_) continue;
    auto const opened = co_await dialler_.open(mono_now() + engine_connect_time);
    over_ = opened.connection;
    if (over_ && !ends_) co_await listen();
    over_.reset();
    subscribed_ = false;
  }
}

void engine_feed::want(bool on) {
  wanted_ = on;
  if (on) pause_->wake();
}

task<void> engine_feed::listen() {
  auto const over = over_;
  std::string command;
  append_command(command, {"SUBSCRIBE", channel_});
  over->post(command);
  engine_reply message;
  while (true) {
    over->set_deadline(mono_now() + longest_silence);
    bool const came = co_await over->next(message);
    if (!came) break;
    if (message.is == engine_reply::kind::error) {
      log_refusal(message.text);
      over->close();
    } else {
      take(message);
    }
  }
}

// The same reason once.
void engine_feed::log_refusal(const std::string& reply) {
  auto text = explained(reply);
  if (text != logged_) log_warning("fleet: the engine gives no messages of channel '{}': {}", channel_, text);
  logged_ = std::move(text);
}

// An array: the kind, the channel and the message.
void engine_feed::take(const engine_reply& message) {
  if (message.items.empty()) return;
  auto const& kind = message.items.front().text;
  if (kind == "subscribe") subscribed_ = true;
  if (kind == "message" && message.items.size() == 3 && take_) take_(message.items.back().text);
}

void engine_feed::probe() {
  if (!over_ || !subscribed_) return;
  std::string command;
  append_command(command, {"PING"});
  over_->post(command);
}

void engine_feed::end() {
  ends_ = true;
  if (over_) over_->close();
  pause_->wake();
}

}  // namespace gateway
