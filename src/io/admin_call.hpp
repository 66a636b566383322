// One request to the admin listener of a gateway, from a program that does nothing else: --probe and ctl.
// Thread rule: main thread; it waits, until `deadline` at most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/secret.hpp"
#include "core/settings/endpoint.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

// How much of an answer is awaited.
enum class answer_part : std::uint8_t { status_line, everything };

struct admin_answer {
  int status = 0;       // 0: no answer came
  std::string line;     // the status line, or a sentence that says why there is none
  std::string content;  // answer_part::everything
};

// PEM files. An operator asks a gateway by its address, so no name vouches for it: it must show one certificate and no other.
struct admin_tls {
  std::string server;       // with the certificate of the gateway first; "": plaintext
  std::string certificate;  // the operator's own; "": none
  std::string key;
};

struct admin_request {
  std::string_view method;
  std::string_view target;  // path and query
  secret content{};         // of a POST
};

// `token`: sent as a bearer token unless it is empty.
admin_answer call_admin(const endpoint& where, const admin_request& what, const secret& token, answer_part wanted, mono_time deadline,
                        const admin_tls& tls = {});

}  // namespace gateway
