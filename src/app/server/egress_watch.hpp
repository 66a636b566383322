// The credential for the egress proxy, read again when its file changes; the next tunnel uses it. A file that cannot be used leaves the
// credential as it was. Tunnels that are open stay in use: the proxy has accepted them.
// Thread rule: belongs to the control worker; all workers read what it publishes.
#pragma once

#include <cstdint>
#include <string>

#include "io/files/proxy_credential.hpp"
#include "io/upstream/tunnel.hpp"

namespace gateway {

class egress_watch {
public:
  // `path`: "" for no credential. `key`: of the setting. Throws std::runtime_error if the file cannot be used.
  egress_watch(std::string path, std::string key);

  // Uses another file and its content from now on; `found` is usable.
  void take(std::string path, proxy_credential found);
  // What a look at `path` found; every second.
  void found(const std::string& path, proxy_credential next);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const published_secret& authorization() const { return published_; }
  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  // 1 if the file cannot be used now, else 0.
  [[nodiscard]] std::uint64_t unusable() const { return why_not_.empty() ? 0 : 1; }

private:
  std::string path_;
  const std::string key_;
  published_secret published_{std::make_shared<const secret>()};
  std::string why_not_;  // at the last check
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
