// One connection to the upstream, TLS unless the settings allow plaintext on loopback: opened, used for one exchange at a time, and
// thrown away as soon as anything about it is unclear.
// Thread rule: belongs to its worker. Time rule: the sweep closes it when its deadline passes; a task that waits on it then sees `expired`.
#pragma once

#include <optional>

#include "core/settings/settings.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/client_tls.hpp"
#include "io/upstream/exchange_deadline.hpp"
#include "io/upstream/http_exchange.hpp"

namespace gateway {

class upstream_connection final : public timed {
public:
  upstream_connection(worker& at, std::shared_ptr<client_tls> tls);
  ~upstream_connection() override;

  // Connects and, with TLS, verifies. Nothing if that worked.
  task<std::optional<fault>> open(asio::ip::tcp::endpoint where, const upstream_settings& settings, mono_time until);
  // It is not wanted any more: whatever it waits for ends.
  void give_up() {
    given_up_ = true;
    on_deadline();
  }
  // Who answered for the other end.
  [[nodiscard]] bool is_trusted_by(const client_tls& tls) const { return tls_.get() == &tls; }
  // When TCP stood, and TLS began.
  [[nodiscard]] mono_time connected_at() const { return connected_at_; }

  // Sends one request and receives its answer.
  task<exchange_result> exchange(const secret& request, const upstream_settings& settings, exchange_deadline until, hop_ledger& hops);

  // May another exchange follow? Not if the answer said close, was cut, or unexpected bytes are left.
  [[nodiscard]] bool is_reusable() const;
  // Still so after lying idle? Sees whether anything came, and takes in what TLS itself may send (session tickets).
  bool is_quiet();

  void on_deadline() override;

private:
  stream_socket& socket() { return secured_ ? secured_->lowest_layer() : plain_; }
  fault why(fault otherwise) const { return expired_ ? fault::upstream_timeout : otherwise; }

  worker& at_;
  std::shared_ptr<client_tls> tls_;
  stream_socket plain_;                // until TLS begins
  std::optional<tls_stream> secured_;  // from then on
  std::string input_;                  // received, not yet parsed
  mono_time connected_at_{};
  exchange_deadline until_;    // of the exchange under way
  mono_time lengthened_to_{};  // the latest of its deadlines that has been set
  bool expired_ = false;
  bool given_up_ = false;
  bool reusable_ = false;  // the last answer was whole and allows another
};

}  // namespace gateway
