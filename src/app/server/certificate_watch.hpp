// The certificate, key and client authorities of one listener, read again when their files change. A renewed certificate counts without a
// restart, for new connections. It compares contents, as access_watch does, and waits until two checks in a row find the same: certificate
// and key are two files that change one after the other. Files that cannot be used change nothing: the certificate before stays in use,
// and the log and a metric report it.
// Thread rule: belongs to the control worker; all workers read what it publishes.
#pragma once

#include <optional>
#include <string>

#include "core/base/keyed_hash.hpp"
#include "io/net/server_tls.hpp"

namespace gateway {

class certificate_watch {
public:
  // What the files hold. Without files the listener speaks plaintext.
  struct reading {
    std::optional<tls_settings> files;
    digest content{};             // read just before `made`
    published_tls::pointer made;  // null: the files are unusable
    std::string why_not;
  };
  // Reads files, so it is not for an event loop; nor is a look.
  static reading read(const std::optional<tls_settings>& files);

  // One look at the files, which is taken elsewhere.
  struct look {
    tls_settings files;
    digest seen{};   // at the look before
    digest tried{};  // what was last read as a certificate
    digest content{};
    bool read_again = false;      // what has changed and settled
    published_tls::pointer made;  // null: the files are unusable
    std::string why_not;
    void take();
  };

  explicit certificate_watch(std::string listener) : listener_(std::move(listener)) {}

  // Uses these files from now on; `found` is usable.
  void take(reading found);
  // What to look at; nothing without files. Every second.
  [[nodiscard]] std::optional<look> to_look() const;
  void found(look what);
  // Logs once what an operator should know of the certificate's time. Every second.
  void judge_life(wall_time now);

  [[nodiscard]] const published_tls& current() const { return published_; }
  [[nodiscard]] bool is_used() const { return files_.has_value(); }
  // For a scrape.
  [[nodiscard]] certificate_life life() const { return published_.get()->life; }
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
  void replace(published_tls::pointer next);

  std::string listener_;  // its configured address
  published_tls published_{std::make_shared<const listener_tls>()};
  std::optional<tls_settings> files_;
  digest seen_{};   // content at the last check
  digest tried_{};  // content that was last read as a certificate
  certificate_state told_ = certificate_state::good;
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
