#include "app/server/token_watch.hpp"

#include <stdexcept>
#include <utility>

#include "io/files/settings_file.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

token_watch::token_watch(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  current_ = read_secret(path_);
  if (current_.empty()) throw std::runtime_error{"admin.token_file: '" + path_ + "' cannot be read or is empty"};
}

void token_watch::take(std::string path, secret token) {
  path_ = std::move(path);
  is_gone_ = false;
  if (token.same_as(current_.reveal())) return;
  current_ = std::move(token);
  ++reloads_;
  log_info("admin.token_file: {} from now on", current_.empty() ? "no token is required" : "a new token is required");
}

void token_watch::look() {
  if (path_.empty()) return;
  auto next = read_secret(path_);
  if (!next.empty()) return take(path_, std::move(next));  // defence: token-file-lost
  if (std::exchange(is_gone_, true)) return;
  ++failures_;
  log_warning("admin.token_file: it cannot be read or is empty; the token read before stays in force");
}

}  // namespace gateway
