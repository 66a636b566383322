#include "core/reply/status_line.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {
namespace {

struct status_text {
  int status;
  std::string_view line;
};

// Whole lines, because a hit appends one.
constexpr std::array lines{
    status_text{200, "HTTP/1.1 200 OK\r\n"},
    status_text{201, "HTTP/1.1 201 Created\r\n"},
    status_text{202, "HTTP/1.1 202 Accepted\r\n"},
    status_text{203, "HTTP/1.1 203 Non-Authoritative Information\r\n"},
    status_text{204, "HTTP/1.1 204 No Content\r\n"},
    status_text{205, "HTTP/1.1 205 Reset Content\r\n"},
    status_text{206, "HTTP/1.1 206 Partial Content\r\n"},
    status_text{207, "HTTP/1.1 207 Multi-Status\r\n"},
    status_text{208, "HTTP/1.1 208 Already Reported\r\n"},
    status_text{226, "HTTP/1.1 226 IM Used\r\n"},
    status_text{300, "HTTP/1.1 300 Multiple Choices\r\n"},
    status_text{301, "HTTP/1.1 301 Moved Permanently\r\n"},
    status_text{302, "HTTP/1.1 302 Found\r\n"},
    status_text{303, "HTTP/1.1 303 See Other\r\n"},
    status_text{304, "HTTP/1.1 304 Not Modified\r\n"},
    status_text{305, "HTTP/1.1 305 Use Proxy\r\n"},
    status_text{307, "HTTP/1.1 307 Temporary Redirect\r\n"},
    status_text{308, "HTTP/1.1 308 Permanent Redirect\r\n"},
    status_text{400, "HTTP/1.1 400 Bad Request\r\n"},
    status_text{401, "HTTP/1.1 401 Unauthorized\r\n"},
    status_text{402, "HTTP/1.1 402 Payment Required\r\n"},
    status_text{403, "HTTP/1.1 403 Forbidden\r\n"},
    status_text{404, "HTTP/1.1 404 Not Found\r\n"},
    status_text{405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    status_text{406, "HTTP/1.1 406 Not Acceptable\r\n"},
    status_text{407, "HTTP/1.1 407 Proxy Authentication Required\r\n"},
    status_text{408, "HTTP/1.1 408 Request Timeout\r\n"},
    status_text{409, "HTTP/1.1 409 Conflict\r\n"},
    status_text{410, "HTTP/1.1 410 Gone\r\n"},
    status_text{411, "HTTP/1.1 411 Length Required\r\n"},
    status_text{412, "HTTP/1.1 412 Precondition Failed\r\n"},
    status_text{413, "HTTP/1.1 413 Content Too Large\r\n"},
    status_text{414, "HTTP/1.1 414 URI Too Long\r\n"},
    status_text{415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    status_text{416, "HTTP/1.1 416 Range Not Satisfiable\r\n"},
    status_text{417, "HTTP/1.1 417 Expectation Failed\r\n"},
    status_text{421, "HTTP/1.1 421 Misdirected Request\r\n"},
    status_text{422, "HTTP/1.1 422 Unprocessable Content\r\n"},
    status_text{423, "HTTP/1.1 423 Locked\r\n"},
    status_text{424, "HTTP/1.1 424 Failed Dependency\r\n"},
    status_text{425, "HTTP/1.1 425 Too Early\r\n"},
    status_text{426, "HTTP/1.1 426 Upgrade Required\r\n"},
    status_text{428, "HTTP/1.1 428 Precondition Required\r\n"},
    status_text{429, "HTTP/1.1 429 Too Many Requests\r\n"},
    status_text{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    status_text{451, "HTTP/1.1 451 Unavailable For Legal Reasons\r\n"},
    status_text{500, "HTTP/1.1 500 Internal Server Error\r\n"},
    status_text{501, "HTTP/1.1 501 Not Implemented\r\n"},
    status_text{502, "HTTP/1.1 502 Bad Gateway\r\n"},
    status_text{503, "HTTP/1.1 503 Service Unavailable\r\n"},
    status_text{504, "HTTP/1.1 504 Gateway Timeout\r\n"},
    status_text{505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
    status_text{506, "HTTP/1.1 506 Variant Also Negotiates\r\n"},
    status_text{507, "HTTP/1.1 507 Insufficient Storage\r\n"},
    status_text{508, "HTTP/1.1 508 Loop Detected\r\n"},
    status_text{510, "HTTP/1.1 510 Not Extended\r\n"},
    status_text{511, "HTTP/1.1 511 Network Authentication Required\r\n"},
};
static_assert(std::ranges::is_sorted(lines, {}, &status_text::status));

// RFC 9110 §15: a status without a phrase of its own means at least what its class means.
std::string_view class_of(int status) {
  if (status < 300) return "Success";
  if (status < 400) return "Redirection";
  return status < 500 ? "Client Error" : "Server Error";
}

}  // namespace

void append_status_line(std::string& out, int status) {
  auto const known = std::ranges::lower_bound(lines, status, {}, &status_text::status);
  if (known != lines.end() && known->status == status) {
    out += known->line;
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, status);
  out.append(" ").append(class_of(status)).append("\r\n");
}

}  // namespace gateway
