#include "app/server/certificate_watch.hpp"

#include <utility>

#include "core/base/text.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

digest content_of(const tls_settings& files) {
  std::string all;
  for (auto const* const file : {&files.certificate, &files.key, &files.client_ca}) {
    all.append(view_of(content_of_file(*file)));
  }
  return content_digest(all);
}

}  // namespace

certificate_watch::reading certificate_watch::read(const std::optional<tls_settings>& files) {
  if (!files) return {{}, {}, std::make_shared<const listener_tls>(), {}};
  reading found{files, content_of(*files), nullptr, {}};
  found.made = make_listener_tls(*files, found.why_not);
  return found;
}

// Unchanged files keep what was made of them, and with it the keys of the clients' session tickets.
void certificate_watch::take(reading found) {
  bool const same_files = found.files == files_;
  bool const same_trust = found.made->client_authorities == published_.get()->client_authorities;  // also of a file too large to compare
  if (same_files && found.content == tried_ && same_trust) return;
  files_ = std::move(found.files);
  told_ = certificate_state::good;
  seen_ = tried_ = found.content;
  if (same_files) return replace(std::move(found.made));
  replace_tls(published_, std::move(found.made));
}

std::optional<certificate_watch::look> certificate_watch::to_look() const {
  if (!files_) return std::nullopt;
  look what;
  what.files = *files_;
  what.seen = seen_;
  what.tried = tried_;
  return what;
}

void certificate_watch::look::take() {
  content = content_of(files);
  read_again = content == seen && content != tried;
  if (read_again) made = make_listener_tls(files, why_not);
}

void certificate_watch::found(look what) {
  if (what.files != files_ || what.tried != tried_) return;  // a reload has read them meanwhile
  seen_ = what.content;
  if (!what.read_again) return;
  tried_ = what.content;
  if (!what.made) {
    ++failures_;  // defence: certificate-broken
    log_entry(logbook_kind::certificate_refused, {{"listener", listener_}, {"cause", what.why_not}});
    return;
  }
  replace(std::move(what.made));
}

void certificate_watch::judge_life(wall_time now) {
  if (!files_) return;
  auto const state = judge(life(), now);
  if (std::exchange(told_, state) != state && state != certificate_state::good)
    log_entry(logbook_kind::certificate_ends, {{"listener", listener_}, {"remark", remark_on(life(), now)}});
}

void certificate_watch::replace(published_tls::pointer next) {
  ++reloads_;
  told_ = certificate_state::good;
  log_entry(logbook_kind::certificate_replaced, {{"listener", listener_}, {"until", http_date(next->life.end)}});
  replace_tls(published_, std::move(next));
}

}  // namespace gateway
