// What one listener secures its connections with: its certificate, key and client authorities, read again when their files change, so that
// a renewed certificate counts without a restart, for connections that come from then on. Content decides, as for credentials
// (app/access_watch), once it is the same for two looks: certificate and key are two files. What cannot be used changes nothing: the one
// before stays, and the log and a metric say so.
// Thread rule: belongs to the control worker; what it publishes is read by all.
#pragma once

#include <optional>
#include <string>

#include "core/base/keyed_hash.hpp"
#include "io/net/server_tls.hpp"

namespace gateway {

class certificate_watch {
public:
  // What was found in the files; nothing but plaintext where there are none.
  struct reading {
    std::optional<tls_settings> files;
    digest content{};             // a moment before
    published_tls::pointer made;  // null: unusable
  };
  static reading read(const std::optional<tls_settings>& files, std::string& why_not);

  explicit certificate_watch(std::string listener) : listener_(std::move(listener)) {}

  // From now on these files; `found` is usable.
  void take(reading found);
  // Once a second.
  void look();

  [[nodiscard]] const published_tls& current() const { return published_; }
  [[nodiscard]] bool is_used() const { return files_.has_value(); }
  // For a scrape.
  [[nodiscard]] wall_time expires() const { return published_.get()->expires; }
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
  void replace(published_tls::pointer next);

  std::string listener_;  // its configured address
  published_tls published_{std::make_shared<const listener_tls>()};
  std::optional<tls_settings> files_;
  digest seen_{};   // content at the last look
  digest tried_{};  // content when it was last read
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
