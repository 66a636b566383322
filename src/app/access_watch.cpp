#include "app/access_watch.hpp"

#include <stdexcept>

#include "io/runtime/log.hpp"

namespace gateway {
published_rules::pointer first_rules(const credential_settings& from, const fingerprint_key& key) {
  auto read = read_access(from, key);
  if (!read.problems.empty()) throw std::runtime_error{read.problems.front().key + ": " + read.problems.front().text};
  return std::make_shared<const access_rules>(std::move(read.rules));
}

void access_watch::look() {
  auto read = read_access(from_, key_);
  if (read.rules.content == tried_) return;
  if (read.problems.empty()) return take(std::move(read.rules));
  tried_ = read.rules.content;
  for (auto const& one : read.problems) log_warning("{}: {}; the one read before stays in force", one.key, one.text);
  ++failures_;
}

void access_watch::take(access_rules rules) {
  if (std::exchange(tried_, rules.content) != rules.content) {
    ++reloads_;
    log_info("credentials: changed files have been read again");
  }
  rules.version = ++version_;
  into_.replace(std::make_shared<const access_rules>(std::move(rules)));
}

}  // namespace gateway
