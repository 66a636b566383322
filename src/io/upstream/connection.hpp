// One connection to the upstream, with TLS unless the settings allow plaintext on loopback. It carries one exchange at a time, and is
// dropped as soon as its state is unclear.
// Thread rule: belongs to its worker. Time rule: the sweep closes it when its deadline passes; a task that waits on it then sees `expired`.
#pragma once

#include <functional>
#include <optional>

#include "core/base/certificate_life.hpp"
#include "core/settings/settings.hpp"
#include "core/upstream/acknowledgement.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/client_tls.hpp"
#include "io/upstream/exchange_deadline.hpp"
#include "io/upstream/http_exchange.hpp"
#include "io/upstream/tunnel.hpp"

namespace gateway {

// The steps of opening a connection; a step that did not begin has no time.
struct opening_times {
  mono_time connected{};
  mono_time asks_proxy{};
  mono_time shakes_hands{};

  // Enters the hops of these steps.
  void book(hop_ledger& hops) const;
};

class upstream_connection final : public timed {
public:
  // `through`: null, or the egress proxy that the addresses below belong to.
  upstream_connection(worker& at, std::shared_ptr<client_tls> tls, std::shared_ptr<const egress_proxy> through = nullptr);
  ~upstream_connection() override;

  // Connects, through a tunnel if there is an egress proxy, and, with TLS, verifies the upstream. nullopt: success.
  task<std::optional<fault>> open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until);
  // The connection is no longer needed: all its pending operations end.
  void give_up() {
    given_up_ = true;
    on_deadline();
  }
  // Whether `tls` verified the upstream of this connection.
  [[nodiscard]] bool is_trusted_by(const client_tls& tls) const { return tls_.get() == &tls; }
  // When the TCP connection was established.
  [[nodiscard]] mono_time connected_at() const { return opened_.connected; }
  // How far open() came, and when.
  [[nodiscard]] const opening_times& times() const { return opened_; }

  // Why open() failed, in words of the system, of OpenSSL or about the proxy; "": it did not.
  [[nodiscard]] const std::string& cause() const { return cause_; }
  // Of an open connection with TLS: the version, and the validity of the upstream's certificate.
  [[nodiscard]] std::string protocol() { return secured_ ? SSL_get_version(secured_->native_handle()) : ""; }
  [[nodiscard]] certificate_life certificate();

  // When the upstream was last heard: a byte of an answer, or the handshake.
  [[nodiscard]] mono_time heard_at() const { return heard_at_; }

  // Sends one request and receives its answer. `may_leave` is asked whether the exchange may end because its bytes are unacknowledged for
  // too long; null: it may not. `room`: for a body beyond settings.max_body_bytes; null: there is none.
  task<exchange_result> exchange(const secret& request, const upstream_settings& settings, exchange_deadline until,
                                 const std::function<bool()>* may_leave, answer_room* room, hop_ledger& hops);

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
  [[nodiscard]] fault unreachable() const { return through_ ? fault::egress_unreachable : why(fault::upstream_unreachable); }
  task<std::optional<fault>> tunnel(std::size_t max_head);

  worker& at_;
  std::shared_ptr<client_tls> tls_;
  std::shared_ptr<const egress_proxy> through_;
  stream_socket plain_;                // until TLS begins
  std::optional<tls_stream> secured_;  // from then on
  std::string input_;                  // received but not parsed
  opening_times opened_;
  mono_time heard_at_{};
  mono_time sent_at_{};                               // of the current exchange
  mono_time look_at_ = never;                         // when to ask the kernel whether its bytes were acknowledged
  std::chrono::nanoseconds longest_silence_{0};       // of the network, not of the server
  const std::function<bool()>* may_leave_ = nullptr;  // of the current exchange
  exchange_deadline until_;                           // of the current exchange
  mono_time lengthened_to_{};                         // the latest of its deadlines that was set
  std::string cause_;
  bool expired_ = false;
  bool given_up_ = false;
  bool left_ = false;      // its bytes were unacknowledged for too long
  bool reusable_ = false;  // the last answer was complete and allows another exchange
};

}  // namespace gateway
