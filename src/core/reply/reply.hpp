// Appends the bytes of an answer to the output buffer of its connection: from a stored entry, from a fault, or for a preflight.
// Thread rule: pure functions. Time rule: the date is an argument.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/auth/client_rights.hpp"
#include "core/base/fault.hpp"
#include "core/cache/entry.hpp"
#include "core/limit/quota_rule.hpp"
#include "core/reply/cache_status.hpp"
#include "core/reply/static_file.hpp"
#include "core/request/families.hpp"
#include "core/request/field_lines.hpp"

namespace gateway {

// What every answer needs in addition to its content.
struct reply_context {
  std::string_view date;        // an IMF-fixdate
  std::string_view request_id;  // sane: checked, or made by the gateway
  cache_status status;
  std::string_view server_timing;         // "" for none
  std::string_view allow = read_methods;  // the methods of the resource, for a 405 and a preflight
  bool head_only = false;
  bool close = false;                    // announces that the connection closes
  bool keep_alive_1_0 = false;           // announces to an HTTP/1.0 client that the connection stays open
  std::string_view keep_alive;           // keep_alive_fields(); "" for none
  std::chrono::seconds retry_after{0};   // 0: no Retry-After
  std::chrono::seconds applied_wait{0};  // 0: no Preference-Applied
  field_lines if_none_match;
  field_lines accept_encoding;
  std::string_view rate_limit;    // RateLimit fields, each with its CRLF; "" for none
  std::string_view allow_origin;  // of the page that asks and may read the answer; "" if there is none
  bool lists_origins = false;     // pages of other origins get another answer
  std::string_view exposed_too;   // ", NAME" for each further field that pages may read

  // The gateway says which pages may read the answer, whatever the upstream said.
  [[nodiscard]] bool speaks_for_pages() const { return lists_origins || !allow_origin.empty(); }
};

// How long an idle connection stays open, for the client (RFC 2068 §19.7.1): a second less than it does, so that the client stops using it
// first. "" if that is no whole second.
std::string keep_alive_fields(std::chrono::nanoseconds idle_timeout);

// Each function returns the status that it wrote.

// From the cache, with Age; 304 if the client's If-None-Match matches this body.
int append_hit(std::string& out, const entry& stored, std::chrono::seconds age, const reply_context& context);

// For a client that waited for the fetch: with the upstream's per-request fields and without Age.
int append_first(std::string& out, const entry& made, std::string_view fresh_fields, const reply_context& context);

struct fault_detail {
  std::chrono::seconds retry_after{0};  // 0: no Retry-After
  int upstream_status = 0;              // of the upstream's answer, if its head came
  int upstream_code = 0;
  std::string redirect_host{};    // upstream_unexpected_status: the host that a redirect names
  std::string_view allowed_by{};  // route_not_enabled: the word of the setting passthrough
  missing_right lacks{};          // not_permitted
  quota_rule quota{};             // quota_exhausted: the client's
  bool may_have_applied = false;  // a write was sent, and its outcome is not known
};

// Whether the answer to this fault names the upstream's status. For the others it says nothing about what was wrong.
bool names_status(fault what);

// The only place that turns a fault into an answer.
int append_fault(std::string& out, fault what, const fault_detail& detail, reply_context context);

// The fields that let the page of context.allow_origin read an answer, and all its fields that mean something to clients.
void append_page_fields(std::string& out, const reply_context& context);

// Without context.allow_origin the answer allows nothing, so the browser blocks the request.
int append_preflight(std::string& out, std::chrono::seconds max_age, const reply_context& context);

// A small answer by the gateway itself. `fields`: further header lines, each with its CRLF.
int append_made(std::string& out, int status, std::string_view content_type, std::string_view fields, std::string_view body,
                const reply_context& context);

// 204: the request was taken, and there is nothing to say.
// `fields`: further header lines, each with its CRLF.
int append_no_content(std::string& out, std::string_view fields, const reply_context& context);

// 304 if the client's If-None-Match matches the form that it would get. Clients may store the file, but must revalidate it each time.
int append_file(std::string& out, const static_file& file, std::string_view fields, const reply_context& context);

// RFC 9110 §13.1.2: weak comparison; "*" matches any body.
bool matches_etag(const field_lines& if_none_match, std::string_view etag);

// Whether a client's X-Request-Id is short and plain enough to be repeated.
bool is_sane_request_id(std::string_view id);

}  // namespace gateway
