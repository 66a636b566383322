// Opens a tunnel to the upstream through an egress proxy, over any stream that is connected to the proxy.
// Thread rule: runs on the stream's worker. Time rule: the caller sets a deadline and closes the stream when it passes.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "core/upstream/tunnel.hpp"
#include "io/runtime/published.hpp"
#include "io/runtime/tls_stream.hpp"

namespace gateway {

// The value of Proxy-Authorization; "" for none.
using published_secret = published<secret>;

// What connections through an egress proxy have in common. All lanes share one.
class egress_proxy {
public:
  // `authority`: the end of the tunnel. `authorization` outlives it, and may be replaced at any time.
  egress_proxy(std::string authority, const published_secret& authorization)
      : authority_(std::move(authority)), authorization_(authorization) {}

  [[nodiscard]] const std::string& authority() const { return authority_; }
  // With the credential of this moment.
  [[nodiscard]] secret request() const { return compose_connect(authority_, authorization_.get()->reveal()); }

  // For the logbook: no tunnel could be opened, or one was. The same cause is entered once, until a tunnel was opened.
  void failed(std::string cause) const;
  void opened() const;

private:
  std::string authority_;
  const published_secret& authorization_;
  mutable std::mutex mutex_;
  mutable std::string cause_;  // of the last failure; "": the last tunnel was opened. Protected by mutex_, as is failing_since_
  mutable mono_time failing_since_{};
};

struct tunnel_result {
  std::optional<fault> failed;  // nullopt: the next byte belongs to the upstream
  int status = 0;               // of the proxy's answer; 0: there was none
};

template <class Stream>
task<tunnel_result> open_tunnel(Stream& stream, const secret& request, std::size_t max_head) {
  tunnel_answer answer{max_head};
  tunnel_result result;
  auto state = tunnel_state::unfinished;
  auto const text = request.reveal();
  auto const bytes = asio::buffer(text);
  auto const [unsent, sent] = co_await write_all(stream, bytes);
  bool cut = static_cast<bool>(unsent);
  std::array<char, 2048> piece{};
  while (!cut && state == tunnel_state::unfinished) {
    auto const room = asio::buffer(piece);
    auto const [failed, received] = co_await read_some(stream, room);
    if (received > 0) state = answer.take({piece.data(), received});
    cut = static_cast<bool>(failed);
  }
  result.failed = fault_of(state);
  result.status = answer.status();
  co_return result;
}

}  // namespace gateway
