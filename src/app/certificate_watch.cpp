#include "app/certificate_watch.hpp"

#include "io/runtime/log.hpp"
#include "io/settings_file.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds look_every{1};

// A file that cannot be read is as good as empty.
digest content_of(const tls_settings& files) {
  std::string all;
  for (auto const* const file : {&files.certificate, &files.key, &files.client_ca}) {
    auto const content = content_digest(read_secret(*file).reveal());
    all.append(reinterpret_cast<const char*>(content.data()), content.size());
  }
  return content_digest(all);
}

}  // namespace

void certificate_watch::watch(const listener_settings& listener, published_tls& into) {
  auto const now = content_of(*listener.tls);
  all_.push_back({listener, into, now, now});
}

task<void> certificate_watch::run() {
  while (!stopped_ && !all_.empty()) {
    timer_.expires_after(look_every);
    co_await timer_.async_wait(use_op);
    for (auto& one : all_) {
      if (!stopped_) look(one);
    }
  }
}

void certificate_watch::stop() {
  stopped_ = true;
  timer_.cancel();
}

void certificate_watch::look(watched& one) {
  auto const content = content_of(*one.listener.tls);
  bool const settled = std::exchange(one.seen, content) == content;
  if (settled) read(one);
}

void certificate_watch::read_now() {
  for (auto& one : all_) {
    one.seen = content_of(*one.listener.tls);
    read(one);
  }
}

void certificate_watch::read(watched& one) {
  if (std::exchange(one.tried, one.seen) == one.seen) return;
  std::string why_not;
  auto next = make_listener_tls(*one.listener.tls, why_not);
  if (!next) {
    ++failures_;
    log_error("listener {}: {}; the certificate read before stays in use", one.listener.address, why_not);
    return;
  }
  ++reloads_;
  log_info("listener {}: changed certificate files have been read again; good until {}", one.listener.address, http_date(next->expires));
  one.into.replace(std::move(next));
}

std::vector<certificate_expiry> certificate_watch::expiries() const {
  std::vector<certificate_expiry> list;
  for (auto const& one : all_) list.push_back({one.listener.address, one.into.get()->expires});
  return list;
}

}  // namespace gateway
