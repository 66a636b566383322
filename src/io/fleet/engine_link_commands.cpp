// The commands of a link on one connection: sent, awaited in order, answered, late.
#include "io/fleet/engine_link.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// An engine that owes a reply for so long is looked for anew.
constexpr std::chrono::seconds reply_time{1};

}  // namespace

task<void> engine_link::read_replies() {
  auto const over = over_;
  engine_reply reply;
  while (true) {
    bool const came = co_await over->next(reply);
    if (!came) break;
    take(std::move(reply));
    if (ends_ && awaited_.empty()) over->close();
  }
}

void engine_link::send(const std::shared_ptr<command>& what) {
  if (!health_.may_send()) return finish(*what, engine_answer{engine_trouble::away});
  awaited_.push_back({what, mono_now()});
  encode(*what);
  over_->post(encoded_);
}

void engine_link::encode(const command& what) {
  auto const& [script, keys, values] = what.call;
  encoded_.clear();
  append_command_size(encoded_, 3 + keys.size() + values.size());
  append_part(encoded_, what.as_source ? "EVAL" : "EVALSHA");
  append_part(encoded_, what.as_source ? script->source() : script->sha1());
  append_part(encoded_, std::to_string(keys.size()));
  for (auto const& key : keys) append_part(encoded_, key);
  for (auto const& value : values) append_part(encoded_, value);
}

// One node of a cluster is giving the fleet's keys to another one, and those of this command are there already.
void engine_link::send_elsewhere(const std::shared_ptr<command>& what, const engine_address& to) {
  encode(*what);
  detour_.send(to, encoded_, [this, what, to](engine_reply* reply) { take_from_elsewhere(what, to, reply); });
}

void engine_link::take_from_elsewhere(const std::shared_ptr<command>& what, const engine_address& from, engine_reply* reply) {
  if (what->late) {
    health_.note_late_reply();
    publish();
  }
  // The node may have carried it out before it was lost.
  if (reply == nullptr) return finish(*what, engine_answer{engine_trouble::late});
  bool const is_error = reply->is == engine_reply::kind::error;
  if (is_error && !what->late && reply->text.starts_with("NOSCRIPT") && !std::exchange(what->as_source, true))
    return send_elsewhere(what, from);
  if (is_error) note_error(reply->text);
  answered_.observe(mono_now() - what->asked);
  finish(*what, engine_answer{std::move(*reply)});
}

// The task that waited for it has gone on.
void engine_link::lapse(const std::shared_ptr<command>& what) {
  if (what->done || std::exchange(what->late, true)) return;
  count(engine_trouble::late);
  health_.note_late();
  publish();
}

void engine_link::take(engine_reply reply) {
  heard_ = true;
  if (awaited_.empty()) return over_->close("it answered what was not asked");
  auto const now = mono_now();
  auto const next = std::move(awaited_.front());
  awaited_.pop_front();
  bool const was_late = next.what ? next.what->late : next.late;
  if (was_late) {
    health_.note_late_reply();
  } else {
    health_.note_in_time(!next.what);
  }
  publish();
  if (!next.what) {
    probing_ = false;
    return;
  }
  auto& what = *next.what;
  bool const unknown = reply.is == engine_reply::kind::error && reply.text.starts_with("NOSCRIPT");
  if (unknown && !was_late && !std::exchange(what.as_source, true)) {
    awaited_.push_back({next.what, now});
    encode(what);
    return over_->post(encoded_);
  }
  auto const asked = reply.is == engine_reply::kind::error && !was_late ? asked_at(reply.text, dialler_.current()) : std::nullopt;
  if (asked) return send_elsewhere(next.what, *asked);
  answered_.observe(now - what.asked);
  bool const refuses = reply.is == engine_reply::kind::error && !(unknown && was_late);
  if (refuses) note_error(reply.text);
  if (refuses || refuses_) tell_why(refuses ? explained(reply.text) : std::string{});
  refuses_ = refuses;
  finish(what, engine_answer{std::move(reply)});
}

// One line a minute for each kind of error. A server that has not the keys is left for the one that has.
void engine_link::note_error(const std::string& reply) {
  auto const what = error_of(reply);
  if (auto const to = moved_to(reply, dialler_.current())) dialler_.follow(*to);
  if (is_elsewhere(what)) over_->close(explained(reply));
  auto const now = mono_now();
  auto& again = log_again_[static_cast<std::size_t>(what)];
  if (what == engine_error::moved || now < again) return;
  again = now + std::chrono::minutes{1};
  log_entry(logbook_kind::engine_refused, {{"engine", dialler_.address()}, {"cause", explained(reply)}});
}

void engine_link::finish(command& what, engine_answer answer) {
  if (!what.late) count(answer.why);
  what.done = true;
  outstanding_ -= 1;
  outstanding_bytes_ -= what.bytes;
  what.answer = std::move(answer);
  what.waits->wake();
}

// Looks for late replies, also of probes, and for an engine that is silent.
task<void> engine_link::watch() {
  while (!ends_) {
    auto const next = mono_now() + tick_;
    co_await next_tick_->sleep_until(next);
    if (ends_) break;
    feed_.probe();
    if (!over_) continue;
    auto const now = mono_now();
    look_for_late(now);
    if (!awaited_.empty() && now - awaited_.front().sent > reply_time) {
      over_->on_deadline();
    } else {
      probe(now);
    }
  }
}

void engine_link::look_for_late(mono_time now) {
  for (auto& one : awaited_) {
    if (now - one.sent <= timeout_) break;
    if (std::exchange(one.what ? one.what->late : one.late, true)) continue;
    if (one.what) count(engine_trouble::late);
    health_.note_late();
  }
  publish();
}

// Asks the engine for a sign of life, so that trouble is known before a request meets it.
void engine_link::probe(mono_time now) {
  bool const is_quiet = !std::exchange(heard_, false);
  if (probing_ || !(is_quiet || health_.is_open())) return;
  probing_ = true;
  encoded_.clear();
  append_command(encoded_, {"PING"});
  awaited_.push_back({nullptr, now});
  over_->post(encoded_);
}

}  // namespace gateway
