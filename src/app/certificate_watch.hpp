// Reads the certificates, keys and client authorities of listeners again every second, so that a renewed one counts without a restart, for
// connections that come from then on. Content decides, as for credentials (app/access_watch), once it is the same for two looks:
// certificate and key are two files. What cannot be used changes nothing: the one before stays, and the log and a metric say so. Thread
// rule: belongs to the control worker; what it publishes is read by all.
#pragma once

#include <string>
#include <vector>

#include "core/base/keyed_hash.hpp"
#include "core/telemetry/metrics_snapshot.hpp"
#include "io/net/server_tls.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class certificate_watch {
public:
  explicit certificate_watch(worker& at) : timer_(at.get_executor()) {}

  // Before run(); both outlive it.
  void watch(const listener_settings& listener, published_tls& into);
  task<void> run();
  void stop();
  // Without waiting for it to settle: somebody says that it has changed.
  void read_now();

  // For a scrape.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  [[nodiscard]] std::vector<certificate_expiry> expiries() const;

private:
  struct watched {
    const listener_settings& listener;
    published_tls& into;
    digest seen;   // content at the last look
    digest tried;  // content when it was last read
  };
  void look(watched& one);
  void read(watched& one);

  steady_timer timer_;
  std::vector<watched> all_;
  bool stopped_ = false;
  std::uint64_t reloads_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace gateway
