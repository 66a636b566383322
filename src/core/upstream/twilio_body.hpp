// What a body from Twilio says at its top level, found by parsing it once, to its end (simdjson; never by searching text: a comment
// may contain anything). Hostile JSON is expected: bounded depth, duplicate keys noticed, no exception.
// Thread rule: one body_reader per worker; it keeps its buffers between bodies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

struct summary_facts {
  enum class identity : std::uint8_t { unreadable, wrong_call, right_call } is = identity::unreadable;
  // The value of processing_state; other: missing, null, or no word that we know.
  enum class summary_state : std::uint8_t { other, partial, complete } state = summary_state::other;
  bool ambiguous = false;              // a key that we decide by stands there twice, or says what we cannot read
  bool malformed_account = false;      // account_sid is neither null nor an account's identifier
  std::optional<account_sid> account;  // whose call it is, if the body says so once
  std::optional<wall_time> end_time;
};

class body_reader {
public:
  body_reader();
  ~body_reader();

  summary_facts read_summary(std::string_view body, const call_sid& asked);

  // Twilio's `code` in an error body; nullopt if the body is not such a thing.
  std::optional<int> read_error_code(std::string_view body);

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace gateway
