#include "core/reply/reply.hpp"

#include "core/base/text.hpp"
#include "core/reply/status_line.hpp"
#include "core/request/accept_encoding.hpp"

namespace gateway {
namespace {

// The usual size of the gateway's own fields in front of an upstream answer.
constexpr std::size_t own_fields = 512;

void append_retry_after(std::string& out, std::chrono::seconds span) {
  out += "Retry-After: ";
  append_number(out, span.count());
  out += "\r\n";
}

// RFC 7240 §3.
void append_applied_wait(std::string& out, std::chrono::seconds wait) {
  out += "Preference-Applied: wait=";
  append_number(out, wait.count());
  out += "\r\n";
}

void append_common(std::string& out, const reply_context& context) {
  out.append("Date: ").append(context.date).append("\r\nCache-Status: ");
  append_cache_status(out, context.status);
  out.append("\r\nX-Request-Id: ").append(context.request_id).append("\r\n");
  if (!context.server_timing.empty()) out.append("Server-Timing: ").append(context.server_timing).append("\r\n");
  if (context.retry_after.count() > 0) append_retry_after(out, context.retry_after);
  if (context.applied_wait.count() > 0) append_applied_wait(out, context.applied_wait);
  out += context.rate_limit;
  if (context.close) {
    out += "Connection: close\r\n";
  } else if (!context.keep_alive.empty()) {
    out += context.keep_alive;
  } else if (context.keep_alive_1_0) {
    out += "Connection: keep-alive\r\n";
  }
}

void append_allow_origin(std::string& out, const reply_context& context) {
  if (context.lists_origins) out += "Vary: Origin\r\n";
  if (!context.allow_origin.empty()) out.append("Access-Control-Allow-Origin: ").append(context.allow_origin).append("\r\n");
}

// RFC 9110 §15.4.5: the fields that a cache needs, and no content. If a web page sent the If-None-Match, it also needs the fields that let
// it read the answer.
int append_not_modified(std::string& out, const representation& form, const reply_context& context) {
  append_status_line(out, 304);
  append_common(out, context);
  out.append("ETag: ").append(form.etag()).append("\r\nCache-Control: ").append(form.cache_control());
  out.append("\r\nVary: Authorization, Accept-Encoding\r\n");
  context.speaks_for_pages() ? append_page_fields(out, context) : void(out += form.for_pages());
  out += "\r\n";
  return 304;
}

// The compressed form if it exists and the client accepts gzip. It has a validator and a length of its own.
const representation& form_for(const entry& made, const reply_context& context) {
  return made.gzip == nullptr || !accepts_gzip(context.accept_encoding) ? made.plain : *made.gzip;
}

bool is_not_modified(const representation& form, const reply_context& context) {
  return form.etag_size > 0 && !context.if_none_match.empty() && matches_etag(context.if_none_match, form.etag());
}

}  // namespace

void append_page_fields(std::string& out, const reply_context& context) {
  append_allow_origin(out, context);
  if (context.allow_origin.empty()) return;
  out +=
      "Access-Control-Expose-Headers: Age, Cache-Status, Deprecation, ETag, Gateway-Fault, Link, Preference-Applied, RateLimit, "
      "RateLimit-Policy, Retry-After, Server-Timing, Sunset, Twilio-Concurrent-Requests, Twilio-Request-Duration, Twilio-Request-Id, "
      "WWW-Authenticate, X-API-Domain, X-Home-Region, X-Origin-Twilio-Request-Id, X-Request-Id";
  out.append(context.exposed_too).append("\r\n");
}

std::string keep_alive_fields(std::chrono::nanoseconds idle_timeout) {
  auto const rest = std::chrono::floor<std::chrono::seconds>(idle_timeout) - std::chrono::seconds{1};
  if (rest.count() < 1) return {};
  std::string out = "Connection: keep-alive\r\nKeep-Alive: timeout=";
  append_number(out, rest.count());
  return out += "\r\n";
}

int append_hit(std::string& out, const entry& stored, std::chrono::seconds age, const reply_context& context) {
  auto const& form = form_for(stored, context);
  if (is_not_modified(form, context)) return append_not_modified(out, form, context);
  append_status_line(out, stored.status);
  append_common(out, context);
  out += "Age: ";
  append_number(out, age.count());
  out += "\r\n";
  if (!context.speaks_for_pages()) {  // defence: cors-one-voice
    out += form.for_hit(!context.head_only);
    return stored.status;
  }
  append_page_fields(out, context);
  out.append(form.origin()).append(form.without_pages(!context.head_only));
  return stored.status;
}

int append_first(std::string& out, const entry& made, std::string_view fresh_fields, const reply_context& context) {
  auto const& form = form_for(made, context);
  if (is_not_modified(form, context)) return append_not_modified(out, form, context);
  out.reserve(out.size() + form.wire.size() + fresh_fields.size() + own_fields);
  append_status_line(out, made.status);
  append_common(out, context);
  out += fresh_fields;
  if (context.speaks_for_pages()) append_page_fields(out, context);
  out += context.speaks_for_pages() ? form.without_pages(!context.head_only) : form.for_first(!context.head_only);
  return made.status;
}

int append_preflight(std::string& out, std::chrono::seconds max_age, const reply_context& context) {
  append_status_line(out, 204);
  append_common(out, context);
  out.append("Allow: ").append(context.allow).append("\r\n");
  append_allow_origin(out, context);
  if (!context.allow_origin.empty()) {
    out.append("Access-Control-Allow-Methods: ").append(context.allow).append("\r\n");
    out +=
        "Access-Control-Allow-Headers: Accept, Authorization, Cache-Control, Content-Type, If-None-Match, Pragma, Prefer, "
        "Traceparent, Tracestate, X-Request-Id, X-Request-Timeout\r\n"
        "Access-Control-Max-Age: ";
    append_number(out, max_age.count());
    out += "\r\n";
  }
  out += "\r\n";
  return 204;
}

int append_made(std::string& out, int status, std::string_view content_type, std::string_view fields, std::string_view body,
                const reply_context& context) {
  append_status_line(out, status);
  append_common(out, context);
  out.append("Content-Type: ").append(content_type).append("\r\n").append(fields).append("Cache-Control: no-store\r\nContent-Length: ");
  append_number(out, body.size());
  out += "\r\n\r\n";
  if (!context.head_only) out += body;
  return status;
}

int append_no_content(std::string& out, std::string_view fields, const reply_context& context) {
  append_status_line(out, 204);
  append_common(out, context);
  out.append(fields).append("\r\n");
  return 204;
}

int append_file(std::string& out, const static_file& file, std::string_view fields, const reply_context& context) {
  bool const packed = !file.gzip.bytes.empty() && accepts_gzip(context.accept_encoding);
  auto const& form = packed ? file.gzip : file.plain;
  int const status = !context.if_none_match.empty() && matches_etag(context.if_none_match, form.etag) ? 304 : 200;
  append_status_line(out, status);
  append_common(out, context);
  out.append("ETag: ").append(form.etag).append("\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\n").append(fields);
  if (status == 200) {
    out.append("Content-Type: ").append(file.type).append("\r\nContent-Length: ");
    append_number(out, form.bytes.size());
    out += packed ? "\r\nContent-Encoding: gzip\r\n" : "\r\n";
  }
  out += "\r\n";
  if (status == 200 && !context.head_only) out += form.bytes;
  return status;
}

bool matches_etag(const field_lines& if_none_match, std::string_view etag) {
  std::size_t elements = 0;
  bool any = false;
  bool found = false;
  // The gateway's tags contain no comma. So a split inside a foreign tag cannot make a false match: the quotes would be missing.
  if_none_match.for_each([&](std::string_view tag) {
    ++elements;
    any = any || tag == "*";
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    found = found || tag == etag;
  });
  return found || (any && elements == 1);
}

bool is_sane_request_id(std::string_view id) {
  static constexpr char_set is_plain{"-_.:=+/@", is_alnum};
  return !id.empty() && id.size() <= 128 && is_plain.holds_all(id);  // defence: request-id-syntax
}

}  // namespace gateway
