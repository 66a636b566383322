// The top-level facts of a body from Twilio. It is parsed once, to its end, and never searched as text, because a comment may contain
// anything. Duplicate keys are noticed.
// Thread rule: one body_reader per worker; it keeps its buffers between bodies.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/time.hpp"

namespace gateway {

// Parsing takes many times the memory of a body, and the reader keeps it: after a larger one it should forget().
inline constexpr std::size_t largest_usual_body = 1024 * 1024;

struct summary_facts {
  enum class identity : std::uint8_t { unreadable, wrong_call, right_call } is = identity::unreadable;
  // The value of processing_state; other: missing, null, or an unknown word.
  enum class summary_state : std::uint8_t { other, partial, complete } state = summary_state::other;
  bool ambiguous = false;              // a key that decides occurs twice or has an unreadable value
  bool malformed_account = false;      // account_sid is neither null nor an account SID
  std::optional<account_sid> account;  // the account that the body names, if it names one once
  std::optional<wall_time> end_time;
};

// Whose a body is, beside the accounts that somebody may see. unclear: a part of it names no account, or several.
enum class named_accounts : std::uint8_t { allowed, others, unclear };

class body_reader {
public:
  summary_facts read_summary(std::string_view body, const call_sid& asked);
  // Judges the account that the body names, or of a list (which its meta.key names) those of all its items.
  named_accounts judge_accounts(std::string_view body, const std::function<bool(const account_sid&)>& is_allowed);

  // Whether the whole body is one valid JSON value.
  bool can_read(std::string_view body) { return json_.parse(body).has_value(); }
  // Twilio's `code` in an error body; nullopt if the body has none.
  std::optional<int> read_error_code(std::string_view body);
  // Gives back the memory that still holds parts of the last body.
  void forget() { json_.forget(); }

private:
  json_reader json_;
};

}  // namespace gateway
