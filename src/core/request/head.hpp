// The head of an HTTP/1.1 request as views into its received bytes, and the strict parser that makes it.
// Beast's parser is not used for client requests: it unfolds lines before they can be checked, accepts framing that a proxy must refuse
// (src/decisions/http.md) and cannot tell a long target from a long header. Source: RFC 9112 §2–3, §5–6; RFC 9110 §5.
// Thread rule: values; the views live as long as the buffer that was read.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/request/field_lines.hpp"
#include "core/request/framing.hpp"
#include "core/request/request_cache_control.hpp"

namespace gateway {

struct head_limits {
  std::size_t max_bytes = 16 * 1024;        // request line and all fields, terminators included
  std::size_t max_target_bytes = 8 * 1024;  // the target alone; RFC 9112 §3 recommends at least 8000 for the request line
  std::size_t max_fields = 100;
};

// The parts that we act on. The syntax of every other field is checked; then it is ignored.
struct request_head {
  std::string_view method;
  std::string_view path;
  std::optional<std::string_view> query;  // without the '?'; "" and absent differ
  bool http_1_0 = false;
  bool keep_alive = true;
  bool asterisk_form = false;                     // OPTIONS *
  bool expects_continue = false;                  // Expect: 100-continue
  bool content_coded = false;                     // Content-Encoding says anything but identity
  std::optional<content_framing> content_framed;  // content follows the head
  std::string_view content;                       // set once it has been read
  std::string_view content_type;                  // of several lines the last; only this one is forwarded
  std::string_view accept;                        // of several lines the last
  std::string_view authorization;
  std::string_view host;
  std::string_view origin;          // "" for none: no browser script sent it
  std::string_view sec_fetch_site;  // "" for none: no browser sent it
  field_lines if_none_match;
  field_lines accept_encoding;
  field_lines prefer;
  std::string_view request_timeout;  // X-Request-Timeout
  request_cache_control cache_control;
  std::string_view request_id;
  std::string_view traceparent;  // "" for none, or several
  field_lines tracestate;
  bool has_via = false;                // core/request/via reads the lines
  bool has_client_validation = false;  // Twilio-Client-Validation; core/request/end_to_end reads the lines
  std::string_view fields;             // all field lines as received, each with its CRLF
};

// Where a head ends in a buffer that may still be incomplete.
struct head_boundary {
  enum class state { need_more, complete, refused } is = state::need_more;
  std::size_t size = 0;                 // complete: bytes of the head, its empty line included
  fault why = fault::malformed_header;  // refused
};

// Scans each byte once over all calls for one head: `looked_at` remembers the position (start it at 0). Refuses early if the bytes cannot
// become a valid head: too long, or a line that does not end in CRLF.
head_boundary find_head_end(std::string_view buffer, std::size_t& looked_at, const head_limits& limits);

// The number of bytes of empty lines to skip before a request line (RFC 9112 §2.2); `skipped` were skipped before. Four empty lines are
// tolerated; a further one is a malformed request line.
std::size_t leading_empty_lines(std::string_view buffer, std::size_t skipped);

// Parses one whole head, as find_head_end delimited it, and checks its framing.
boost::system::result<request_head, fault> parse_head(std::string_view bytes, const head_limits& limits);

}  // namespace gateway
