// The messages of the marks' exchange that are no marks: who knows a refused credential, what Twilio told, what was erased.
#include <algorithm>
#include <utility>

#include "app/fleet/mark_exchange.hpp"
#include "core/fleet/confirmed_erasure.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// A message that asks: who knows this credential? Many strangers must not fill the feed.
constexpr std::string_view refused_word = "refused ";
constexpr std::size_t most_asked = 64;
// A message about an event of Twilio. What does not fit is not told: the schedules of the other gateways look again anyway.
constexpr std::string_view event_word = "event ";
constexpr std::size_t most_events = 4096;

}  // namespace

// The next beat sends it. A gateway that knows the credential makes the mark, so invented credentials make none.
void mark_exchange::refused_unknown(const partition& owner) {
  auto message = std::string{refused_word} + sealed(fleet_mark::of_refusal(owner).text(), std::string{refused_word});
  std::lock_guard const lock{mutex_};
  if (asked_.size() < most_asked) asked_.push_back(std::move(message));  // defence: asked-bounded
}

void mark_exchange::hear_refusal(std::string_view sealed) {
  auto const plain = keys_.seal().open(seal_kind, refused_word, sealed);
  auto const what = plain ? fleet_mark::parse(*plain) : std::nullopt;
  if (!what || what->kind != mark_kind::refused || !parts_.visible.knows(what->owner())) return;
  parts_.visible.refuse(what->owner(), mono_now());
}

void mark_exchange::event(std::uint64_t number, const call_event& what) {
  auto message = std::string{event_word} + sealed(text_of(told_event{number, what}), std::string{event_word});
  {
    std::lock_guard const lock{mutex_};
    if (events_.size() < most_events) events_.push_back(std::move(message));  // defence: told-events-bounded
  }
  woken_->wake();
}

// The next beat tries again. What the engine may have had already is heard twice, and counts once.
void mark_exchange::keep_events(std::vector<std::string> untold) {
  std::lock_guard const lock{mutex_};
  untold.insert(untold.end(), events_.begin(), events_.end());
  if (untold.size() > most_events) untold.resize(most_events);
  events_.swap(untold);
}

void mark_exchange::hear_event(std::string_view sealed) const {
  auto const plain = keys_.seal().open(seal_kind, event_word, sealed);
  auto const one = plain ? parse_told_event(*plain) : std::nullopt;
  if (one && take_event_) take_event_(*one);
}

void mark_exchange::hear_erased(std::string_view sealed) const {
  auto const plain = keys_.seal().open(seal_kind, erased_word, sealed);
  auto const one = plain ? confirmed_erasure::parse(*plain) : std::nullopt;
  if (one && take_erased_) take_erased_(one->who, one->gateway, one->taken);
}

void mark_exchange::on_message(std::string_view message) {
  if (message.starts_with(refused_word)) return hear_refusal(message.substr(refused_word.size()));
  if (message.starts_with(event_word)) return hear_event(message.substr(event_word.size()));
  if (message.starts_with(erased_word)) return hear_erased(message.substr(erased_word.size()));
  if (!message.starts_with("mark ")) return;
  is_behind_.store(true, std::memory_order_release);
  woken_->wake();
}

task<void> mark_exchange::ask_others() {
  std::vector<std::string> messages;
  {
    std::lock_guard const lock{mutex_};
    messages.swap(asked_);
  }
  auto publishing = publish(std::move(messages));
  co_await std::move(publishing);
}

// After the marks: what the engine had of the calls is gone when others hear of the events.
task<bool> mark_exchange::tell_events() {
  std::vector<std::string> messages;
  {
    std::lock_guard const lock{mutex_};
    messages.swap(events_);
  }
  auto publishing = publish(messages);
  bool const told = co_await std::move(publishing);
  if (!told) keep_events(std::move(messages));
  co_return told;
}

// At once, and again with the next beats, because messages may be lost.
task<void> mark_exchange::tell_erased(bool beats) {
  std::vector<std::string> messages;
  {
    std::lock_guard const lock{erased_->mutex};
    for (auto& one : erased_->all) {
      one.is_due = beats || one.tells == erased_here::all_tells;
      if (!one.is_due) continue;
      messages.push_back(std::string{erased_word} +
                         sealed(confirmed_erasure{one.who, replica_, one.taken}.text(), std::string{erased_word}));
    }
  }
  if (messages.empty()) co_return;
  auto publishing = publish(std::move(messages));
  bool const told = co_await std::move(publishing);
  if (!told) co_return;
  std::lock_guard const lock{erased_->mutex};
  for (auto& one : erased_->all) one.tells -= std::exchange(one.is_due, false) ? 1 : 0;
  std::erase_if(erased_->all, [](const erased_here::one& each) { return each.tells == 0; });
}

task<bool> mark_exchange::publish(std::vector<std::string> messages) {
  for (std::size_t done = 0; done < messages.size(); done += marks_per_page) {
    std::span const page = std::span{messages}.subspan(done, std::min(marks_per_page, messages.size() - done));
    auto asking = link_.run(home_.get_executor(), publish_call(names_, page));
    auto const answer = co_await std::move(asking);
    if (answer.why != engine_trouble::none) co_return false;
  }
  co_return true;
}

}  // namespace gateway
