// A tunnel through an egress proxy: the request for it, and the proxy's answer, judged strictly and within bounds. TLS with the upstream
// begins inside the tunnel, so nothing that the proxy says is more than "open" or "not open".
// Source: RFC 9110 §9.3.6 (CONNECT), RFC 9112 §4.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/secret.hpp"

namespace gateway {

// The request for a tunnel to `authority` (HOST:PORT). `authorization`: the value of Proxy-Authorization, "" for none.
secret compose_connect(std::string_view authority, std::string_view authorization);

enum class tunnel_state : std::uint8_t {
  unfinished,  // more bytes are needed
  open,
  wants_credential,  // 407, 401
  refused,           // another status, no HTTP, too much, or bytes after the head
};

// nullopt: the tunnel is open. `unfinished` counts as a refusal, because no more bytes came.
std::optional<fault> fault_of(tunnel_state state);

class tunnel_answer {
public:
  static constexpr int max_interim_answers = 8;

  // `max_bytes`: of all heads together.
  explicit tunnel_answer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes the next bytes of the proxy. Each byte is searched once, however small the pieces are. Not to be called after another result than
  // `unfinished`.
  tunnel_state take(std::string_view bytes);

  // Of the last head that was read; 0: there was none.
  [[nodiscard]] int status() const { return status_; }

private:
  [[nodiscard]] bool may_become_http() const;

  std::size_t max_bytes_;
  std::string received_;
  std::size_t head_ = 0;      // where the current head begins
  std::size_t searched_ = 0;  // no head ends before this
  int interim_ = 0;
  int status_ = 0;
};

}  // namespace gateway
