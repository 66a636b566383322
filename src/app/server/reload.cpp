// A reload of the server: it applies all changes, or it applies none and names every reason.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <stdexcept>

#include "app/server/capacity.hpp"
#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "core/settings/differences.hpp"
#include "core/settings/reloading.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

reload_outcome server::reload() {
  supervisor_.reloading();
  auto result = try_reload();
  supervisor_.reloaded(result.problems.empty() ? "reloaded" : "reload refused: " + result.problems.front());
  return result;
}

// Reads and checks the settings, then prepares everything that can fail. It applies the new settings only if nothing failed.
reload_outcome server::try_reload() {
  reload_outcome result;
  auto next = read_settings(config_path_);
  for (auto const& one : next.problems) result.problems.push_back(problem_line(config_path_, one));  // defence: reload-judged
  if (draining_) result.problems.emplace_back("the gateway is about to end");                        // defence: reload-not-draining
  preparation with;
  if (result.problems.empty()) {
    result.changed = differing_keys(control_.config, next.values);
    for (auto const& key : result.changed) {
      if (!is_live(key))  // defence: reload-live-only
        result.problems.push_back(config_path_ + ": " + key + ": a change of it needs a restart (or a start with --take-over)");
    }
    with = prepare(next.values, result.problems);
  }
  reload_failed_ = !result.problems.empty();
  if (reload_failed_) {
    for (auto const& one : result.problems) log_error("reload refused: {}", one);
    return result;
  }
  take_over(next.values, result.changed, std::move(with));
  reloaded_at_ = now().wall;
  std::string keys;
  for (auto const& one : result.changed) keys.append(keys.empty() ? ": " : ", ").append(one);
  log_info("reloaded: {} changed setting(s){}, and all changed files that they name", result.changed.size(), keys);
  return result;
}

// Binds the new addresses, which are free again if the result is dropped. It changes nothing else.
server::preparation server::prepare(const settings& next, std::vector<std::string>& problems) {
  preparation with;
  inherited_sockets none;
  auto const failed = [&](const std::string& why) { problems.push_back(config_path_ + ": " + why); };
  std::vector<std::string> why_not;
  with.listeners = listeners_.prepare(next.listeners, none, why_not);
  for (auto const& one : why_not) failed(one);  // defence: reload-binds
  auto read = access_files_.read(next.credentials);
  for (auto const& one : read.problems) failed(one.key + ": " + one.text);
  with.rules = std::move(read.rules);
  if (!next.admin.token_file.empty()) {
    with.token = read_secret(next.admin.token_file);
    if (with.token.empty()) failed("admin.token_file: it cannot be read or is empty");
  }
  with.egress = read_proxy_credential(next.upstream.proxy_credential_file);
  if (!with.egress.why_not.empty()) failed("upstream.proxy_credential_file: " + with.egress.why_not);
  if (next.log.access != access_log::none && !access_log_.is_on()) failed("log.access: from none to anything else needs a restart");
  try {
    auto tls = std::make_shared<client_tls>(upstream_, next.upstream.ca_file);
    with.authorities = tls->authorities();
    if (with.authorities != authorities_) with.tls = std::move(tls);  // defence: trust-rebuilt
    with.max_connections = affordable_connections(next);
  } catch (const std::runtime_error& error) {
    failed(error.what());
  }
  return with;
}

// Nothing here can fail. Each lane applies the changes between two of its steps.
void server::take_over(const settings& next, const std::vector<std::string>& changed, preparation with) {
  auto change = listeners_.commit(std::move(with.listeners));
  bool const other_limit = std::ranges::any_of(changed, [](const std::string& key) { return key.starts_with("client_limit."); });
  shared_.take_over(next, other_limit);
  network_.names.set_lifetime(upstream_network::lifetime_of(next.upstream));
  access_files_.take(with.rules);
  admin_token_.take(next.admin.token_file, std::move(with.token));
  egress_.take(next.upstream.proxy_credential_file, std::move(with.egress));
  authorities_ = with.authorities;
  data_connections_.set_limit(with.max_connections);
  control_.config = next;
  allow_time_to_end();
  for (auto const& one : control_listeners_) one->settings_changed(next.limits);
  set_log_level(next.log.level);
  for (auto const& one : change.opened)
    log_info("listening on {}", url_of(one.which->sockets.front().where(), one.which->certificate.is_used()));
  for (auto const* const one : change.closed) log_info("no longer listening on {}", one->values.address);
  auto const values = std::make_shared<const settings>(next);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    std::vector<std::pair<data_listener*, data_listeners::for_lane>> opened;
    for (auto& one : change.opened) opened.emplace_back(one.which, std::move(one.lanes[i]));
    auto const warm = share_of(next.upstream.warm_connections, i, lanes_.size());
    auto work = [to = lanes_[i].get(), values, warm, tls = with.tls, opened = std::move(opened), closed = change.closed]() mutable {
      to->take_over(*values, warm, std::move(tls));
      for (auto const* const one : closed) to->stop_listening(*one);
      for (auto& one : opened) to->listen(*one.first, std::move(one.second));
    };
    asio::post(lanes_[i]->at.loop, std::move(work));
  }
}

}  // namespace gateway
