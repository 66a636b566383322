// One connection to the engine: TCP, TLS or a unix socket. Commands leave in the order in which they are posted, many in one write, and
// replies come in the same order. Thread rule: belongs to its worker. Time rule: the sweep closes it when its deadline passes.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/fleet/resp.hpp"
#include "io/runtime/tls_stream.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/client_tls.hpp"

namespace gateway {

class engine_connection final : public timed, public std::enable_shared_from_this<engine_connection> {
public:
  explicit engine_connection(worker& at) : timed(at.deadlines), at_(at), plain_(at.get_executor()) {}

  // Connects; with `tls`, verifies the engine before anything is sent. False: why_ended() says why.
  task<bool> open(stream_socket::endpoint_type where, std::shared_ptr<client_tls> tls);
  void post(std::string_view commands);
  // The next reply. False: the connection has ended, and why_ended() says why.
  task<bool> next(engine_reply& into);
  // What was sent so far held a password, and has been answered.
  void forget_sent() {
    wipe(waiting_);
    wipe(sending_);
  }
  void close(std::string why = "it was closed") { end(std::move(why)); }

  [[nodiscard]] bool is_open() { return socket().is_open(); }
  [[nodiscard]] const std::string& why_ended() const { return why_ended_; }

  void on_deadline() override { end("it did not answer in time"); }

private:
  static constexpr std::size_t input_size = 16 * 1024;

  // It shares ownership, because a link forgets a connection that it has closed.
  static task<void> write(std::shared_ptr<engine_connection> self);
  stream_socket& socket() { return secured_ ? secured_->lowest_layer() : plain_; }
  void end(const error_code& why);
  void end(std::string why);

  worker& at_;
  std::shared_ptr<client_tls> tls_;
  stream_socket plain_;                // until TLS begins
  std::optional<tls_stream> secured_;  // from then on
  resp_reader reader_;
  std::array<char, input_size> input_{};
  std::string_view unread_;  // part of input_
  std::string waiting_;      // to be written
  std::string sending_;
  bool writes_ = false;
  std::string why_ended_;
};

}  // namespace gateway
