// Opens one connection to the upstream address that answers first. Addresses are tried in order, the next one as soon as the previous one
// failed or took too long (happy eyeballs, RFC 8305 §5). Other attempts are closed at once. Thread rule: belongs to its worker. Time rule:
// ends by the deadline.
#pragma once

#include <memory>
#include <vector>

#include "io/runtime/sleeper.hpp"
#include "io/upstream/connection.hpp"

namespace gateway {

class connector {
public:
  static constexpr std::chrono::milliseconds head_start{250};

  // `through`: null, or the egress proxy whose addresses open() gets.
  connector(worker& at, const upstream_settings& settings, std::shared_ptr<client_tls> tls,
            std::shared_ptr<const egress_proxy> through = nullptr)
      : at_(at), settings_(settings), tls_(std::move(tls)), through_(std::move(through)) {}

  // Connections that are opened from now on are verified by `tls`.
  void trust(std::shared_ptr<client_tls> tls) { tls_ = std::move(tls); }
  [[nodiscard]] const client_tls& trusted() const { return *tls_; }

  struct opened {
    std::unique_ptr<upstream_connection> connection;  // null: `failed` says why
    fault failed = fault::upstream_unreachable;
    asio::ip::tcp::endpoint where;  // of the connection
    opening_times times;            // of the connection, or of the attempt that failed
  };
  task<opened> open(std::vector<asio::ip::tcp::endpoint> addresses, mono_time deadline, hop_ledger& hops);

private:
  // Shared by the waiting task and the tasks that try addresses; some of these may end after it.
  struct race;
  task<void> attempt(std::shared_ptr<race> in, asio::ip::tcp::endpoint where, mono_time deadline);

  worker& at_;
  const upstream_settings& settings_;
  std::shared_ptr<client_tls> tls_;
  std::shared_ptr<const egress_proxy> through_;
};

}  // namespace gateway
