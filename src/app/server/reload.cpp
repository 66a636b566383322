// What changes while the server runs: a reload applies all changes of the settings, or none and names every reason. Changed files
// of credentials, tokens and certificates count without a reload.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <stdexcept>

#include "app/server/audit.hpp"
#include "app/server/capacity.hpp"
#include "app/server/file_look.hpp"
#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "core/settings/differences.hpp"
#include "core/settings/reloading.hpp"
#include "core/settings/upstreams.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds reading_time_limit{10};

}  // namespace

task<reload_outcome> server::reload(operator_trace asker) {
  supervisor_.reloading();
  auto const read = co_await read_for_reload();
  reload_outcome result;
  if (read) {
    result = try_reload(*read, asker);
  } else {
    reload_failed_ = true;
    result.problems.push_back(source_.path + ": its files have not been read within " + std::to_string(reading_time_limit.count()) +
                              " s: a disk or the user database does not answer");
    enter_refused_reload(result.problems.front(), asker);
  }
  supervisor_.reloaded(result.problems.empty() ? "reloaded" : "reload refused: " + result.problems.front());
  co_return result;
}

// Signals that come before this one has begun count with it.
task<void> server::reload_by_signal() {
  operator_trace asker{"SIGHUP", "", ""};
  auto reloaded = reload(std::move(asker));
  co_await std::move(reloaded);
}

// One reload after the other. Null: there was no time.
task<std::shared_ptr<reload_files>> server::read_for_reload() {
  auto const deadline = mono_now() + reading_time_limit;
  while (last_reload_ && !last_reload_->is_done() && mono_now() < deadline) {
    std::shared_ptr<file_job> const before = last_reload_;
    co_await file_thread::wait(before, deadline);
  }
  signal_waits_ = false;
  if (last_reload_ && !last_reload_->is_done()) co_return nullptr;
  std::vector<reload_files::of_upstream> all;
  for (auto const& one : upstreams_) all.emplace_back(one->name, one->where, one->authorities);
  auto const read = std::make_shared<reload_files>(source_, std::move(all), upstream_keys_);
  last_reload_ = read;
  std::shared_ptr<file_job> const job = read;
  bool const done = co_await files_.run(job, deadline);  // defence: reading-bounded
  co_return done ? read : nullptr;
}

// Reads and checks the settings, then prepares everything that can fail. It applies the new settings only if nothing failed.
reload_outcome server::try_reload(reload_files& read, const operator_trace& asker) {
  reload_outcome result;
  auto const& next = read.next;
  for (auto const& one : next.problems) result.problems.push_back(problem_line(source_.path, one));  // defence: reload-judged
  if (draining_) result.problems.emplace_back("the gateway is about to end");                        // defence: reload-not-draining
  preparation with;
  if (result.problems.empty()) {
    result.changed = differing_keys(control_.config, next.values);
    for (auto const& key : result.changed) {
      if (!is_live(key))  // defence: reload-live-only
        result.problems.push_back(source_.path + ": " + key + ": a change of it needs a restart (or a start with --take-over)");
    }
    for (auto const& one : upstreams_needing_restart(control_.config, next.values))  // defence: upstreams-stay
      result.problems.push_back(source_.path + ": " + one);
    with = prepare(read, result.problems);
  }
  reload_failed_ = !result.problems.empty();
  if (reload_failed_) {
    for (auto const& one : result.problems) enter_refused_reload(one, asker);
    return result;
  }
  take_over(next.values, result.changed, read, std::move(with));
  reloaded_at_ = now().wall;
  enter_reload(result.changed, asker);
  return result;
}

// Binds the new addresses, which are free again if the result is dropped. It changes nothing else.
server::preparation server::prepare(reload_files& read, std::vector<std::string>& problems) {
  auto const& next = read.next.values;
  preparation with;
  inherited_sockets none;
  auto const failed = [&](const std::string& why) { problems.push_back(source_.path + ": " + why); };
  std::vector<std::string> why_not;
  with.listeners = listeners_.prepare(next.listeners, std::move(read.listeners), none, why_not);
  for (auto const& one : why_not) failed(one);  // defence: reload-binds
  for (auto const& one : read.access.problems) failed(one.key + ": " + one.text);
  if (!read.admin_tokens.why_not.empty()) failed("admin.token_file: " + read.admin_tokens.why_not);
  for (auto const& one : read.unknown) failed(one);
  if (next.log.access != access_log::none && !access_log_.is_on()) failed("log.access: from none to anything else needs a restart");
  for (auto const& one : read.upstreams) {
    if (!one.egress.why_not.empty())
      failed(key_of_upstream(next, upstream_named(next, one.name)) + "proxy_credential_file: " + one.egress.why_not);
    if (!one.why_not.empty()) failed(one.why_not);
  }
  if (!read.why_not.empty()) failed(read.why_not);
  try {
    with.max_connections = affordable_connections(next);
  } catch (const std::runtime_error& error) {
    failed(error.what());
  }
  return with;
}

// Nothing here can fail. Each lane applies the changes between two of its steps.
void server::take_over(const settings& next, const std::vector<std::string>& changed, reload_files& read, preparation with) {
  auto change = listeners_.commit(std::move(with.listeners));
  bool const other_limit = std::ranges::any_of(changed, [](const std::string& key) { return key.starts_with("client_limit."); });
  shared_.take_over(next, other_limit);
  operators_.take(next.admin, std::move(read.operators), std::move(read.admin_tokens));
  audit_log_.reopen();
  lane::other_trust tls;
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    auto& one = *upstreams_[i];
    auto const& wanted = upstream_named(next, one.name);
    one.network.names.set_lifetime(upstream_network::lifetime_of(wanted));
    one.egress.take(wanted.proxy_credential_file, std::move(read.upstreams[i].egress));
    if (std::exchange(one.authorities, read.upstreams[i].authorities) != read.upstreams[i].authorities)
      log_entry(logbook_kind::upstream_trust_changed, one.name.empty() ? logbook_fields{} : logbook_fields{{"upstream", one.name}});
    tls.push_back(std::move(read.upstreams[i].tls));
  }
  data_connections_.set_limit(with.max_connections);
  control_.config = next;
  tokens_.take(read.access.rules, std::move(read.tokens));  // first: a request may come by the new rules at once
  access_files_.take(read.access.rules);
  shared_.take_shares(read.access.rules);  // defence: shares-by-reload
  allow_time_to_end();
  auto const is_other_policy = [](const std::string& key) {
    return key.starts_with("shadow.") || key.starts_with("cache.") || key.starts_with("credentials.");
  };
  if (std::ranges::any_of(changed, is_other_policy)) shadow_.take_over(next);
  for (auto const& one : control_listeners_) one->settings_changed(next.limits);
  if (events_) events_->settings_changed(next.limits);
  set_log(next.log.level, next.log.format);
  for (auto const& one : change.opened)
    log_entry(logbook_kind::listener_added, {{"address", url_of(one.which->sockets.front().where(), one.which->certificate.is_used())}});
  for (auto const* const one : change.closed) log_entry(logbook_kind::listener_removed, {{"address", one->values.address}});
  auto const values = std::make_shared<const settings>(next);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    std::vector<lane::opening> opened;
    for (auto& one : change.opened) opened.push_back({one.which, one.which->values.upstream, std::move(one.lanes[i])});
    auto work = [this, i, values, tls, opened = std::move(opened), closed = change.closed]() mutable {
      auto* const to = lanes_[i].get();
      to->take_over(*values, i, lanes_.size(), tls);
      for (auto const* const one : closed) to->stop_listening(*one);
      for (auto& one : opened) to->listen(std::move(one));
      shared_.held.release_all();  // held by rules that have changed, or through a listener that is gone
    };
    asio::post(lanes_[i]->at.loop, std::move(work));
  }
}

// Changed credential, token and certificate files count within seconds. The looks are taken on a thread of their own, one at a time.
task<void> server::watch_files() {
  while (!control_.is_ending()) {
    files_timer_.expires_at(next_second());
    co_await files_timer_.async_wait(use_op);
    auto const look = std::make_shared<file_look>();
    look->access_files = access_files_.looker();
    look->admin = control_.config.admin;
    for (auto const& one : upstreams_) {
      if (!one->egress.path().empty()) look->egress.push_back({&one->egress, one->egress.path()});
    }
    for (auto const& one : listeners_.all()) {
      auto what = one->is_open() ? one->certificate.to_look() : std::nullopt;
      if (what) look->certificates.emplace_back(&one->certificate, std::move(*what));  // defence: certificates-checked
    }
    if (auto what = admin_certificate_.to_look()) look->certificates.emplace_back(&admin_certificate_, std::move(*what));
    if (events_) {
      look->event_token_path = events_->token_path();
      if (auto what = events_->certificate().to_look()) look->certificates.emplace_back(&events_->certificate(), std::move(*what));
    }
    std::shared_ptr<file_job> const job = look;
    co_await files_.run(job, mono_time::max());
    if (events_) events_->found(std::move(look->event_tokens));
    if (access_files_.found(look->access_files, look->access)) {
      tokens_.take(*shared_.access.get());
      shared_.held.release_all();  // they were admitted by the old rules
    }
    operators_.found(look->admin.token_file, std::move(look->tokens));
    for (auto& one : look->egress) one.watch->found(one.path, std::move(one.found));
    files_seen_ = now().wall;
    for (auto& [watch, what] : look->certificates) {
      watch->found(std::move(what));
      watch->judge_life(files_seen_);  // defence: certificate-time
    }
  }
}

}  // namespace gateway
