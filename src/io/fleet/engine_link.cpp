#include "io/fleet/engine_link.hpp"

#include <sodium.h>

#include <boost/asio/post.hpp>

#include "core/limit/circuit.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Pauses between attempts to connect.
constexpr backoff_policy reconnecting{std::chrono::milliseconds{50}, std::chrono::seconds{2}};
// A connection that lasted so long was a good one: the next attempt comes soon.
constexpr std::chrono::seconds good_life{1};
constexpr std::chrono::milliseconds last_replies{200};

double chance() { return static_cast<double>(randombytes_uniform(1000)) / 1000; }

std::size_t size_of(const script_call& call) {
  std::size_t size = 64;
  for (auto const& key : call.keys) size += key.size() + 16;
  for (auto const& value : call.values) size += value.size() + 16;
  return size;
}

}  // namespace

engine_link::engine_link(worker& at, engine_access how, std::chrono::nanoseconds timeout, std::string channel,
                         std::chrono::nanoseconds tick)
    : at_(at),
      timeout_(timeout),
      tick_(tick),
      dialler_(at, std::move(how)),
      feed_(at, dialler_, std::move(channel)),
      detour_(at, dialler_),
      pause_(std::make_shared<sleeper>(at.get_executor())),
      next_tick_(std::make_shared<sleeper>(at.get_executor())),
      why_not_("it has not been reached yet") {}

void engine_link::begin() {
  at_.start_task("engine", keep_connected());
  at_.start_task("engine feed", feed_.run());
  at_.start_task("engine watch", watch());
}

void engine_link::end() {
  may_send_ = false;
  asio::post(at_.loop, [this] {
    ends_ = true;
    feed_.end();
    pause_->wake();
    next_tick_->wake();
    dialler_.end();
    if (over_ && !awaited_.empty()) {
      over_->set_deadline(mono_now() + last_replies);
    } else {
      at_.deadlines.expire();  // also what is being dialled
    }
  });
}

// Null and the reason: nothing is sent.
std::shared_ptr<engine_link::command> engine_link::admit(script_call& call, std::shared_ptr<sleeper> waits, engine_trouble& why_not) {
  if (!may_send_.load(std::memory_order_relaxed)) {
    why_not = engine_trouble::away;
  } else {
    auto const bytes = size_of(call);
    bool const fits = outstanding_.fetch_add(1) < max_commands;
    bool const is_small_enough = outstanding_bytes_.fetch_add(bytes) + bytes <= max_bytes;
    if (fits && is_small_enough) {  // defence: engine-queue-bound
      auto made = std::make_shared<command>(std::move(call), std::move(waits), mono_now());
      made->bytes = bytes;
      return made;
    }
    outstanding_ -= 1;
    outstanding_bytes_ -= bytes;
    why_not = engine_trouble::busy;
  }
  count(why_not);
  return nullptr;
}

task<engine_answer> engine_link::run(executor where, script_call call) {
  auto why_not = engine_trouble::none;
  auto const what = admit(call, std::make_shared<sleeper>(where), why_not);
  if (!what) co_return engine_answer{why_not};
  asio::post(at_.loop, [this, what] { send(what); });
  bool const came = co_await what->waits->sleep_until(what->asked + timeout_);
  if (came) co_return std::move(what->answer);
  asio::post(at_.loop, [this, what] { lapse(what); });
  co_return engine_answer{engine_trouble::late};
}

engine_figures engine_link::figures() const {
  engine_figures now;
  now.state = state_;
  now.address = dialler_.address();
  for (std::size_t i = 0; i < now.commands.size(); ++i) now.commands[i] = commands_[i].load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < now.answered.buckets.size(); ++i) now.answered.buckets[i] = answered_.buckets[i].get();
  now.answered.sum_ns = answered_.sum_ns.get();
  std::lock_guard const lock{mutex_};
  now.why_not = why_not_;
  return now;
}

task<void> engine_link::keep_connected() {
  unsigned failures = 0;
  while (!ends_) {
    auto const opened = co_await dialler_.open(mono_now() + engine_connect_time);
    auto const began = mono_now();
    if (ends_) break;
    if (opened.connection) {
      connected(opened);
      co_await read_replies();
      lost(opened.connection->why_ended());
      if (mono_now() - began >= good_life) failures = 0;
    } else {
      lost(opened.why_not);
    }
    if (ends_) break;
    auto const next = mono_now() + reconnecting.span(failures++, chance());
    co_await pause_->sleep_until(next);
  }
  at_.deadlines.expire();
}

void engine_link::connected(const engine_dialler::dialled& opened) {
  over_ = opened.connection;
  health_.note_connected();
  probing_ = false;
  logbook_fields fields{{"engine", dialler_.address()}};
  if (lost_at_) fields.emplace_back("lasted_ms", mono_now() - *lost_at_);
  log_entry(logbook_kind::engine_connected, std::move(fields));
  lost_at_.reset();
  logged_.reset();
  publish();
  refuses_ = false;
  tell_why({});
  if (opened.eviction.starts_with("allkeys") && opened.eviction != eviction_)
    log_warning(
        "fleet: the engine at {} may evict any key (maxmemory-policy {}): what it loses is fetched again and counted anew; set "
        "volatile-lru",
        dialler_.address(), opened.eviction);
  eviction_ = opened.eviction;
  feed_.want(true);
  if (on_connect_) on_connect_();
}

void engine_link::lost(const std::string& why) {
  over_.reset();
  detour_.close();
  feed_.want(false);
  health_.note_lost();
  publish();
  for (auto const& one : std::exchange(awaited_, {})) {
    if (one.what) finish(*one.what, engine_answer{engine_trouble::late});
  }
  tell_why(why);
  // Once, and again if the engine begins to say why itself, such as after a restart.
  auto const kind = error_of(why);
  bool const is_news = !logged_ || (kind != engine_error::other && kind != *logged_);
  if (ends_ || !is_news) return;
  logged_ = kind;
  if (!lost_at_) lost_at_ = mono_now();
  log_entry(logbook_kind::engine_lost, {{"engine", dialler_.address()}, {"cause", why}});
}

void engine_link::tell_why(std::string not_usable) {
  std::lock_guard const lock{mutex_};
  why_not_ = std::move(not_usable);
}

void engine_link::publish() {
  auto const is = !health_.is_connected() ? link_state::away : health_.may_send() ? link_state::connected : link_state::slow;
  bool const was_slow = std::exchange(slow_, health_.is_connected() && health_.is_open());
  if (slow_ != was_slow && health_.is_connected())
    log_entry(slow_ ? logbook_kind::engine_slow : logbook_kind::engine_in_time, {{"engine", dialler_.address()}});
  may_send_ = is == link_state::connected && !ends_;
  state_ = is;
}

}  // namespace gateway
