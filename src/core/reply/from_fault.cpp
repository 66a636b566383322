// One row a fault: its status, its code, what was wrong and what would be right. Sentences repeat nothing that a client sent.
#include <array>

#include "core/base/text.hpp"
#include "core/reply/reply.hpp"

namespace gateway {
namespace {

struct fault_row {
  fault what;
  int status;
  int code;
  std::string_view message;
  std::string_view advice{};  // where another attempt is possible
};

constexpr std::array<fault_row, fault_count> rows{{
    {fault::malformed_request_line, 400, 20001, "The request line is malformed. Expected: METHOD SP TARGET SP HTTP/1.1 CRLF."},
    {fault::malformed_target, 400, 20001,
     "The request target is malformed. Expected an absolute path such as /v1/Voice/{CallSid}/Summary, percent-encoded."},
    {fault::target_too_long, 414, 20001, "The request target is too long. A Summary request needs fewer than 100 bytes."},
    {fault::unsupported_version, 505, 20001, "This HTTP version is not supported. Use HTTP/1.1."},
    {fault::malformed_header, 400, 20001, "A header line is malformed. Expected: NAME:VALUE CRLF, without folding or control characters."},
    {fault::header_too_large, 431, 20001, "The request header is too large. Send fewer or shorter fields."},
    {fault::too_many_headers, 431, 20001, "The request has too many header fields. Send fewer."},
    {fault::missing_host, 400, 20001, "The Host header is missing. HTTP/1.1 requests must name the host."},
    {fault::duplicate_host, 400, 20001, "The Host header was given twice. Send it once."},
    {fault::malformed_host, 400, 20001, "The Host header is malformed. Expected a host name or address with an optional port."},
    {fault::host_mismatch, 400, 20001, "The target's authority and the Host header differ. They must be the same."},
    {fault::malformed_content_length, 400, 20001, "The Content-Length header is malformed or repeated. Expected one decimal number."},
    {fault::malformed_transfer_encoding, 400, 20001,
     "The Transfer-Encoding header is not acceptable. Use chunked alone, or Content-Length."},
    {fault::unsupported_transfer_coding, 501, 20001, "This transfer coding is not supported. Use chunked, or no content at all."},
    {fault::ambiguous_framing, 400, 20001, "Content-Length and Transfer-Encoding were both given. Send one of them, or no content."},
    {fault::malformed_content, 400, 20001, "The request's chunked content is malformed. Send well-formed chunks, or Content-Length."},
    {fault::content_too_large, 413, 20001, "The request's content is too large. Only an Annotation takes any, a short form."},
    {fault::unexpected_body, 400, 20001, "This resource takes no request content. Send the request without a body."},
    {fault::duplicate_authorization, 400, 20001, "The Authorization header was given twice. Send it once."},
    {fault::unsupported_expectation, 417, 20001, "This expectation cannot be met. Leave the Expect header out."},
    {fault::method_not_allowed, 405, 20004, "This method is not allowed here. Use one that the Allow header lists."},
    {fault::no_such_route, 404, 20404,
     "There is no such resource here. This gateway serves /v1/Voice/{CallSid}/Summary and /v1/Voice/{CallSid}/Annotation."},
    {fault::route_not_enabled, 404, 20404,
     "This gateway does not forward this resource. Its setting passthrough can allow it: [call, events, metrics, summaries]."},
    {fault::invalid_call_sid, 400, 20001, "The CallSid is invalid. Expected 'CA' and 32 hexadecimal digits."},
    {fault::invalid_processing_state, 400, 17400, "The ProcessingState is invalid. Expected complete, partial or all, once."},
    {fault::unknown_parameter, 400, 20001, "The query has an unknown parameter. A Summary knows only ProcessingState, an Annotation none."},
    {fault::unsupported_content_type, 415, 20001,
     "This content is not acceptable. Send an application/x-www-form-urlencoded form, without a Content-Encoding."},
    {fault::cross_site, 403, 20403,
     "A page of another site may not change this. Name its origin in cors.allow_origins, or send this without a browser."},
    {fault::missing_credentials, 401, 20003, "Credentials are missing. Send Authorization: Basic with an account or API key, or Bearer."},
    {fault::unreadable_credentials, 401, 20003,
     "The Authorization header cannot be read. Send Basic with base64 of 'sid:secret', or Bearer with a token."},
    {fault::not_cached, 504, 20504,
     "Nothing that may be used is cached, and Cache-Control: only-if-cached forbids to ask upstream. Leave it out to have it fetched."},
    {fault::missing_token, 401, 20003,
     "This gateway holds the Twilio credentials and needs proof of the client. Send its token: Authorization: Bearer, or Basic with the "
     "token as "
     "the password."},
    {fault::unknown_token, 401, 20003,
     "This token is not known to the gateway. Send one that it was given: Authorization: Bearer, or Basic with the token as the password."},
    {fault::client_limit, 429, 20429,
     "This client sends more requests than it may. It is safe to retry after the time given in Retry-After."},
    {fault::upstream_busy, 429, 20429,
     "Too many requests are waiting for Twilio at the moment. It is safe to retry after the time given in Retry-After."},
    {fault::upstream_cooling_down, 429, 20429,
     "Twilio refused requests of this account with 429 a moment ago, so the gateway pauses. It is safe to retry after the time "
     "given in "
     "Retry-After."},
    {fault::upstream_failing, 429, 20429,
     "Twilio failed several times in a row and is only probed at the moment. It is safe to retry after the time given in Retry-After."},
    {fault::call_failing, 429, 20429, "Twilio failed several times in a row when it was asked about this call.",
     "It is safe to retry after the time given in Retry-After."},
    {fault::too_many_waiters, 429, 20429,
     "Too many requests are waiting in this gateway. It is safe to retry after the time given in Retry-After."},
    {fault::upstream_unreachable, 502, 20502, "The upstream cannot be reached. Check upstream.url and the network.",
     "It is safe to retry."},
    {fault::upstream_tls, 502, 20502,
     "The upstream's TLS handshake or certificate was not acceptable. Nothing was sent to it. Check upstream.url and upstream.ca_file."},
    {fault::upstream_protocol, 502, 20502, "The upstream's answer was broken off or was not HTTP.", "It is safe to retry."},
    {fault::upstream_error, 502, 20502, "The upstream failed.", "It is safe to retry later."},
    {fault::upstream_unusable_body, 502, 20502, "The upstream's answer was not readable.", "It is safe to retry."},
    {fault::upstream_wrong_call, 502, 20502, "The upstream's answer was about another call and was not delivered.", "It is safe to retry."},
    {fault::upstream_wrong_account, 502, 20502, "The upstream's answer named another account than before and was not delivered.",
     "It is safe to retry."},
    {fault::upstream_timeout, 504, 20504, "The upstream did not answer in time.", "It is safe to retry."},
    {fault::internal, 500, 20500, "The gateway failed. Please report the X-Request-Id."},
}};

consteval bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].what) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one row a fault, in the order of the enum");

const fault_row& row_of(fault what) { return rows[static_cast<std::size_t>(what)]; }

constexpr std::string_view read_before_repeating = "What was sent may have been applied: read it before sending it again.";

// Twilio's shape, integers as integers: SDKs parse nothing else.
std::string body_of(const fault_row& row, const fault_detail& detail) {
  std::string body = R"({"code":)";
  append_number(body, row.code);
  body.append(R"(,"message":")").append(row.message);
  if (detail.upstream_status != 0) {
    body += " It answered ";
    append_number(body, detail.upstream_status);
    if (detail.upstream_code != 0) {
      body += " with code ";
      append_number(body, detail.upstream_code);
    }
    body += '.';
  }
  auto const advice = detail.may_have_applied ? read_before_repeating : row.advice;
  if (!advice.empty()) body.append(" ").append(advice);
  body += R"(","more_info":"https://www.twilio.com/docs/errors/)";
  append_number(body, row.code);
  body += R"(","status":)";
  append_number(body, row.status);
  return body += '}';
}

// RFC 9110 §11.6.1: how a 401 could be answered. Twilio's own credentials, or a token of this gateway.
std::string_view challenge_of(fault what) {
  if (status_of(what) != 401) return "";
  bool const ours = what == fault::missing_token || what == fault::unknown_token;
  return ours ? "WWW-Authenticate: Basic realm=\"summary-gateway\", Bearer realm=\"summary-gateway\"\r\n"
              : "WWW-Authenticate: Basic realm=\"Twilio API\"\r\n";
}

}  // namespace

int status_of(fault what) { return row_of(what).status; }

int append_fault(std::string& out, fault what, const fault_detail& detail, reply_context context) {
  context.retry_after = detail.retry_after;
  auto const& row = row_of(what);
  auto const body = body_of(row, detail);
  std::string fields;
  fields += challenge_of(what);
  if (row.status == 405) fields.append("Allow: ").append(context.allow).append("\r\n");
  append_allow_origin(fields, context);
  if (!context.allow_origin.empty()) fields += "Access-Control-Expose-Headers: Cache-Status, Gateway-Fault, Retry-After, X-Request-Id\r\n";
  fields.append("Gateway-Fault: ").append(name_of(what)).append("\r\n");
  return append_made(out, row.status, "application/json", fields, body, context);
}

}  // namespace gateway
