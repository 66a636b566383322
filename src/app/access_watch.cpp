#include "app/access_watch.hpp"

#include <stdexcept>

#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds look_every{1};

}  // namespace

published_rules::pointer first_rules(const credential_settings& from, const fingerprint_key& key) {
  auto read = read_access(from, key);
  if (!read.problems.empty()) throw std::runtime_error{read.problems.front().key + ": " + read.problems.front().text};
  return std::make_shared<const access_rules>(std::move(read.rules));
}

task<void> access_watch::run() {
  if (from_.mode != credentials_mode::inject) co_return;
  while (!stopped_) {
    timer_.expires_after(look_every);
    co_await timer_.async_wait(use_op);
    if (!stopped_) look();
  }
}

void access_watch::stop() {
  stopped_ = true;
  timer_.cancel();
}

void access_watch::look() {
  auto read = read_access(from_, key_);
  if (read.rules.content == tried_) return;
  tried_ = read.rules.content;
  for (auto const& one : read.problems) log_warning("{}: {}; the one read before stays in force", one.key, one.text);
  if (!read.problems.empty()) {
    ++failures_;
    return;
  }
  ++reloads_;
  read.rules.version = reloads_;
  into_.replace(std::make_shared<const access_rules>(std::move(read.rules)));
  log_info("credentials: changed files have been read again");
}

}  // namespace gateway
