// What the server does when it is told that its configuration may have changed: all of it, or nothing and every reason.
#include "app/lane.hpp"
#include "app/server.hpp"
#include "core/settings/differences.hpp"
#include "io/runtime/log.hpp"
#include "io/settings_file.hpp"

namespace gateway {
namespace {

// The settings that can change while everything runs.
bool is_live(const std::string& key) { return key == "log.level"; }

}  // namespace

reload_outcome server::reload() {
  supervisor_.reloading();
  auto result = try_reload();
  supervisor_.reloaded(result.problems.empty() ? "reloaded" : "reload refused: " + result.problems.front());
  return result;
}

reload_outcome server::try_reload() {
  reload_outcome result;
  auto next = read_settings(config_path_);
  for (auto const& one : next.problems) result.problems.push_back(problem_line(config_path_, one));
  if (result.problems.empty()) {
    result.changed = differing_keys(running_, next.values);
    for (auto const& key : result.changed) {
      if (!is_live(key)) result.problems.push_back(config_path_ + ": " + key + ": a change of it needs a restart");
    }
  }
  reload_failed_ = !result.problems.empty();
  if (reload_failed_) {
    for (auto const& one : result.problems) log_error("reload refused: {}", one);
    return result;
  }
  running_ = std::move(next.values);
  set_log_level(running_.log.level);
  access_files_.look();
  certificates_.read_now();
  reloaded_at_ = now().wall;
  log_info("reloaded: {} changed setting(s), and whatever changed in the files that they name", result.changed.size());
  return result;
}

}  // namespace gateway
