#include "app/events/event_service.hpp"

#include <algorithm>
#include <utility>

#include "core/reply/reply.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::minutes line_pause{1};

// What the answer to a refused delivery says. A stranger does not learn which check failed.
fault fault_of(delivery_result what) { return what == delivery_result::unreadable ? fault::event_content : fault::event_signature; }

std::string_view advice_on(delivery_result what) {
  switch (what) {
    case delivery_result::shared_key:
      return "it is signed with a shared key, which the gateway does not support: let Twilio sign with the account's auth token";
    case delivery_result::wrong_signature:
      return "events.auth_token_file has not the primary auth token of its account, or events.public_url is not exactly the sink's URL";
    case delivery_result::no_hash:
    case delivery_result::wrong_hash:
      return "something before the gateway has changed its query or its content";
    default:
      return "it has no signature of Twilio";
  }
}

}  // namespace

std::optional<event_service::pending> event_service::answer_now(exchange& one) {
  auto const& head = *one.head;
  auto context = one.reply();
  context.allow = "POST";
  if (head.path != url_.path || head.method != "POST") {
    figures_.count(delivery_result::misdirected);
    auto const why = head.path != url_.path ? fault::event_path : fault::method_not_allowed;
    one.record.status = append_fault(one.out, why, {}, context);
    return std::nullopt;
  }
  auto const result = take(head, now());
  figures_.count(result);
  one.record.status =
      result == delivery_result::accepted ? append_no_content(one.out, "", context) : append_fault(one.out, fault_of(result), {}, context);
  return std::nullopt;
}

task<void> event_service::answer_later(pending, exchange&) { co_return; }

void event_service::refuse(fault why, exchange& one) {
  figures_.count(why == fault::content_too_large ? delivery_result::too_large : delivery_result::malformed);
  one.record.status = append_fault(one.out, why, {}, one.reply());
}

// Nothing is noted before every check has passed.
delivery_result event_service::take(const request_head& head, const instant& now) {
  auto const origin = check_origin(delivery_proof{head}, head.content, url_, signers_);
  if (origin != delivery_result::accepted) {
    enter_refusal(origin, now.mono);
    return origin;
  }
  if (auto const before = std::exchange(refused_, 0); before > 0) log_entry(logbook_kind::webhook_accepted, {{"refused", before}});
  auto const events = reader_.read(head.content);
  reader_.forget();
  if (!events) return delivery_result::unreadable;
  for (auto const& one : *events) note(one, now);
  return delivery_result::accepted;
}

void event_service::note(const twilio_event& what, const instant& now) {
  bool const says_nothing = what.type == event_type::test || what.type == event_type::other;
  if (says_nothing) return figures_.count(what.type, event_result::ignored);
  if (!what.about) return figures_.count(what.type, event_result::unreadable);
  if (!effects_.note(what.identity, *what.about, now)) return figures_.count(what.type, event_result::duplicate);
  figures_.count(what.type, event_result::noted);
  noted_(*what.about);
  figures_.observe_age(what.type, age_of(*what.about, now.wall));
  figures_.last_noted_seconds = std::chrono::duration<double>(now.wall.time_since_epoch()).count();
}

// Anybody can send what is refused: one entry a minute, and one when deliveries are accepted again.
void event_service::enter_refusal(delivery_result what, mono_time now) {
  if (refused_ > 0) ++refused_;
  if (!refusal_line_.may_write(now, line_pause)) return;  // defence: refused-deliveries-paced
  refused_ = std::max<std::uint64_t>(refused_, 1);
  log_entry(logbook_kind::webhook_refused, {{"cause", advice_on(what)}});
}

}  // namespace gateway
