// The head of an HTTP/1.1 request as a few views into the bytes it came in, and the strict reader that makes it.
// Beast's parser is not used on this side: it folds lines before anybody can see them, takes framing that a proxy must refuse
// (ARCHITECTURE.md, decisions) and cannot tell a long target from a long header. Source: RFC 9112 §2–3, §5–6; RFC 9110 §5.
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
  std::size_t max_target_bytes = 8 * 1024;  // of the request line's target; RFC 9112 §3 recommends at least 8000 for the line
  std::size_t max_fields = 100;
};

// What we act on. Every other field is checked for its form and then ignored.
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
  std::string_view content;                       // once it has been read
  std::string_view content_type;                  // of several lines the last: no other one goes on
  std::string_view accept;                        // of several lines the last
  std::string_view authorization;
  std::string_view host;
  std::string_view origin;          // "" for none: not sent by a browser's script
  std::string_view sec_fetch_site;  // "" for none: not sent by a browser
  field_lines if_none_match;
  field_lines accept_encoding;
  field_lines prefer;
  std::string_view request_timeout;  // X-Request-Timeout
  request_cache_control cache_control;
  std::string_view request_id;
  std::string_view traceparent;  // "" for none, or several
  field_lines tracestate;
  std::string_view fields;  // all of them, as they came, each line with its end
};

// Where a head ends in a buffer that is still filling.
struct head_boundary {
  enum class state { need_more, complete, refused } is = state::need_more;
  std::size_t size = 0;                 // complete: bytes of the head, its empty line included
  fault why = fault::malformed_header;  // refused
};

// Looks at each byte once over all calls for one head: `looked_at` remembers how far (start it at 0).
// Refuses early what cannot become a head any more: too long, or lines that do not end in CRLF.
head_boundary find_head_end(std::string_view buffer, std::size_t& looked_at, const head_limits& limits);

// How many bytes of empty lines to skip before a request line (RFC 9112 §2.2), of which `skipped` are already gone. A few are
// forgiven; after that an empty line is a malformed request line.
std::size_t leading_empty_lines(std::string_view buffer, std::size_t skipped);

// Reads one whole head, as find_head_end delimited it, and checks its framing.
boost::system::result<request_head, fault> parse_head(std::string_view bytes, const head_limits& limits);

}  // namespace gateway
