#include "app/server/token_watch.hpp"

#include <stdexcept>
#include <utility>

#include "io/runtime/log.hpp"

namespace gateway {

token_watch::token_watch(const admin_settings& from) : path_(from.token_file) {
  if (path_.empty()) return;
  auto read = read_secret(path_, admin_token_form(from));
  if (!read.why_not.empty()) throw std::runtime_error{"admin.token_file: " + read.why_not};
  current_ = std::move(read.text);
}

void token_watch::take(std::string path, secret token) {
  path_ = std::move(path);
  why_not_.clear();
  if (token.same_as(current_.reveal())) return;
  current_ = std::move(token);
  ++reloads_;
  auto const* const change = current_.empty() ? "no token is required from now on" : "a new token is required from now on";
  log_entry(logbook_kind::files_changed, {{"setting", "admin.token_file"}, {"change", change}});
}

void token_watch::found(const std::string& path, file_content content) {
  if (path.empty() || path != path_) return;                                 // a reload has named another file meanwhile
  if (content.why_not.empty()) return take(path_, std::move(content.text));  // defence: token-file-lost
  if (std::exchange(why_not_, content.why_not) == content.why_not) return;
  ++failures_;
  log_entry(logbook_kind::file_refused,
            {{"setting", "admin.token_file"}, {"cause", content.why_not}, {"consequence", "the token read before stays in force"}});
}

}  // namespace gateway
