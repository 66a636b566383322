#include "app/server/admin_watch.hpp"

#include <stdexcept>
#include <utility>

#include "io/runtime/log.hpp"

namespace gateway {

admin_watch::admin_watch(const admin_settings& from) : path_(from.token_file) {
  auto tokens = read_admin_tokens(from);
  if (!tokens.why_not.empty()) throw std::runtime_error{"admin.token_file: " + tokens.why_not};
  auto const refuse = [](const std::string& key, const std::string& text) { throw std::runtime_error{key + ": " + text}; };
  put(find_admin_users(from, refuse), std::move(tokens.users));
}

void admin_watch::take(const admin_settings& from, std::vector<admin_user> by_connection, admin_token_file tokens) {
  path_ = from.token_file;
  why_not_.clear();
  if (!put(std::move(by_connection), std::move(tokens.users))) return;
  ++reloads_;
  log_entry(logbook_kind::files_changed, {{"setting", "admin"}, {"change", in_words()}});
}

void admin_watch::found(const std::string& path, admin_token_file tokens) {
  if (path.empty() || path != path_) return;  // a reload has named another file meanwhile
  if (!tokens.why_not.empty()) {              // defence: token-file-lost
    if (std::exchange(why_not_, tokens.why_not) == tokens.why_not) return;
    ++failures_;
    log_entry(logbook_kind::file_refused,
              {{"setting", "admin.token_file"}, {"cause", tokens.why_not}, {"consequence", "the tokens read before stay in force"}});
    return;
  }
  why_not_.clear();
  if (!put(by_connection_, std::move(tokens.users))) return;
  ++reloads_;
  log_entry(logbook_kind::files_changed, {{"setting", "admin.token_file"}, {"change", in_words()}});
}

bool admin_watch::put(std::vector<admin_user> by_connection, std::vector<admin_user> by_token) {
  if (by_connection == by_connection_ && by_token == by_token_) return false;
  by_connection_ = std::move(by_connection);
  by_token_ = std::move(by_token);
  auto all = by_token_;
  all.insert(all.end(), by_connection_.begin(), by_connection_.end());
  rules_ = admin_rules{std::move(all)};
  return true;
}

std::string admin_watch::in_words() const {
  if (rules_.name_nobody()) return "whoever reaches the admin listener may do everything, for neither token_file nor users is set";
  return "these may use the admin listener: " + rules_.in_words();
}

}  // namespace gateway
