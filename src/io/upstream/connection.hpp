// One connection to the upstream, with TLS unless the settings allow plaintext on loopback. It carries one exchange at a time, and is
// dropped as soon as its state is unclear.
// Thread rule: belongs to its worker. Time rule: the sweep closes it when its deadline passes; a task that waits on it then sees `expired`.
#pragma once

#include <functional>
#include <optional>

#include "core/settings/settings.hpp"
#include "core/upstream/acknowledgement.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/client_tls.hpp"
#include "io/upstream/exchange_deadline.hpp"
#include "io/upstream/http_exchange.hpp"

namespace gateway {

class upstream_connection final : public timed {
public:
  upstream_connection(worker& at, std::shared_ptr<client_tls> tls);
  ~upstream_connection() override;

  // Connects and, with TLS, verifies the upstream. nullopt: success.
  task<std::optional<fault>> open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until);
  // The connection is no longer needed: all its pending operations end.
  void give_up() {
    given_up_ = true;
    on_deadline();
  }
  // Whether `tls` verified the upstream of this connection.
  [[nodiscard]] bool is_trusted_by(const client_tls& tls) const { return tls_.get() == &tls; }
  // When the TCP connection was established and the TLS handshake began.
  [[nodiscard]] mono_time connected_at() const { return connected_at_; }

  // When the upstream was last heard: a byte of an answer, or the handshake.
  [[nodiscard]] mono_time heard_at() const { return heard_at_; }

  // Sends one request and receives its answer. `may_leave` is asked whether the exchange may end because its bytes are unacknowledged for
  // too long; null: it may not.
  task<exchange_result> exchange(const secret& request, const upstream_settings& settings, exchange_deadline until,
                                 const std::function<bool()>* may_leave, hop_ledger& hops);

  // Whether another exchange may follow: not after "Connection: close", a truncated answer or unexpected bytes.
  [[nodiscard]] bool is_reusable() const;
  // Whether that is still so after idle time. Checks for received bytes, and processes what TLS itself may send (session tickets).
  bool is_quiet();

  void on_deadline() override;

private:
  stream_socket& socket() { return secured_ ? secured_->lowest_layer() : plain_; }
  fault why(fault otherwise) const { return expired_ ? fault::upstream_timeout : otherwise; }
  void set_options(const upstream_settings& settings);
  [[nodiscard]] delivery delivered();
  // Whether the exchange goes on although its bytes may be unacknowledged.
  bool still_hopes(mono_time now);

  worker& at_;
  std::shared_ptr<client_tls> tls_;
  stream_socket plain_;                // until TLS begins
  std::optional<tls_stream> secured_;  // from then on
  std::string input_;                  // received but not parsed
  mono_time connected_at_{};
  mono_time heard_at_{};
  mono_time sent_at_{};                               // of the current exchange
  mono_time look_at_ = never;                         // when to ask the kernel whether its bytes were acknowledged
  std::chrono::nanoseconds longest_silence_{0};       // of the network, not of the server
  const std::function<bool()>* may_leave_ = nullptr;  // of the current exchange
  exchange_deadline until_;                           // of the current exchange
  mono_time lengthened_to_{};                         // the latest of its deadlines that was set
  bool expired_ = false;
  bool given_up_ = false;
  bool left_ = false;      // its bytes were unacknowledged for too long
  bool reusable_ = false;  // the last answer was complete and allows another exchange
};

}  // namespace gateway
