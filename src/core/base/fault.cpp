#include "core/base/fault.hpp"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

// One row per fault, in the order of the enum: what, name, side, closes, status, code, message, advice.
constexpr std::array<fault_row, fault_count> rows{{
    {fault::malformed_request_line, "malformed_request_line", side::client, true, 400, 20001,
     "The request line is malformed. Expected: METHOD SP TARGET SP HTTP/1.1 CRLF."},
    {fault::malformed_target, "malformed_target", side::client, true, 400, 20001,
     "The request target is malformed. Expected an absolute path such as /v1/Voice/{CallSid}/Summary, percent-encoded."},
    {fault::target_too_long, "target_too_long", side::client, true, 414, 20001,
     "The request target is too long. A Summary request needs fewer than 100 bytes."},
    {fault::unsupported_version, "unsupported_version", side::client, true, 505, 20001,
     "This HTTP version is not supported. Use HTTP/1.1."},
    {fault::malformed_header, "malformed_header", side::client, true, 400, 20001,
     "A header line is malformed. Expected: NAME:VALUE CRLF, without folding or control characters."},
    {fault::header_too_large, "header_too_large", side::client, true, 431, 20001,
     "The request header is too large. Send fewer or shorter fields."},
    {fault::too_many_headers, "too_many_headers", side::client, true, 431, 20001, "The request has too many header fields. Send fewer."},
    {fault::missing_host, "missing_host", side::client, true, 400, 20001,
     "The Host header is missing. HTTP/1.1 requests must name the host."},
    {fault::duplicate_host, "duplicate_host", side::client, true, 400, 20001, "The Host header was given twice. Send it once."},
    {fault::malformed_host, "malformed_host", side::client, true, 400, 20001,
     "The Host header is malformed. Expected a host name or address with an optional port."},
    {fault::host_mismatch, "host_mismatch", side::client, true, 400, 20001,
     "The target's authority and the Host header differ. They must be the same."},
    {fault::malformed_content_length, "malformed_content_length", side::client, true, 400, 20001,
     "The Content-Length header is malformed or repeated. Expected one decimal number."},
    {fault::malformed_transfer_encoding, "malformed_transfer_encoding", side::client, true, 400, 20001,
     "The Transfer-Encoding header is not acceptable. Use chunked alone, or Content-Length."},
    {fault::unsupported_transfer_coding, "unsupported_transfer_coding", side::client, true, 501, 20001,
     "This transfer coding is not supported. Use chunked, or no content at all."},
    {fault::ambiguous_framing, "ambiguous_framing", side::client, true, 400, 20001,
     "Content-Length and Transfer-Encoding were both given. Send one of them, or no content."},
    {fault::malformed_content, "malformed_content", side::client, true, 400, 20001,
     "The request's chunked content is malformed. Send well-formed chunks, or Content-Length."},
    {fault::content_too_large, "content_too_large", side::client, true, 413, 20001,
     "The request's content is too large. An Annotation is a short form, and a delivery of events has 1 MiB at most."},
    {fault::unexpected_body, "unexpected_body", side::client, true, 400, 20001,
     "This resource takes no request content. Send the request without a body."},
    {fault::duplicate_authorization, "duplicate_authorization", side::client, true, 400, 20001,
     "The Authorization header was given twice. Send it once."},
    {fault::unsupported_expectation, "unsupported_expectation", side::client, true, 417, 20001,
     "This expectation cannot be met. Leave the Expect header out."},
    {fault::tls_on_http, "tls_on_http", side::client, true, 400, 20001,
     "TLS came where plain HTTP is expected. Use http:// in the base URL, or give the gateway's listener a certificate (tls)."},
    {fault::http_on_tls, "http_on_tls", side::client, true, 400, 20001,
     "Plain HTTP came where TLS is expected. Use https:// in the base URL."},
    {fault::used_as_proxy, "used_as_proxy", side::client, true, 405, 20004,
     "This gateway is no forward proxy, but the client uses it as one. Take it out of the client's proxy setting (HTTPS_PROXY), and "
     "give it to the SDK as its base URL."},
    {fault::method_not_allowed, "method_not_allowed", side::client, false, 405, 20004,
     "This method is not allowed here. Use one that the Allow header lists."},
    {fault::no_such_route, "no_such_route", side::client, false, 404, 20404,
     "There is no such resource here. This gateway serves /v1/Voice/{CallSid}/Summary, its Annotation, and what passthrough lists."},
    {fault::route_not_enabled, "route_not_enabled", side::client, false, 403, 20006,
     "This gateway does not pass this request on to Twilio."},
    {fault::invalid_call_sid, "invalid_call_sid", side::client, false, 400, 20001,
     "The CallSid is invalid. Expected 'CA' and 32 hexadecimal digits."},
    {fault::invalid_processing_state, "invalid_processing_state", side::client, false, 400, 17400,
     "The ProcessingState is invalid. Expected complete, partial or all, once."},
    {fault::unknown_parameter, "unknown_parameter", side::client, false, 400, 20001,
     "The query has a parameter that is unknown, given twice, or not text. A Summary knows only ProcessingState, an Annotation none."},
    {fault::unsupported_content_type, "unsupported_content_type", side::client, false, 415, 20001,
     "This content is not acceptable. Send application/x-www-form-urlencoded, or application/json for a report or a query, without a "
     "Content-Encoding."},
    {fault::cross_site, "cross_site", side::client, false, 403, 20403,
     "A page of another site may not change this. Name its origin in cors.allow_origins, or send this without a browser."},
    {fault::missing_credentials, "missing_credentials", side::client, false, 401, 20003,
     "Credentials are missing. Send Authorization: Basic with an account or API key, or Bearer."},
    {fault::unreadable_credentials, "unreadable_credentials", side::client, false, 401, 20003,
     "The Authorization header cannot be read. Send Basic with base64 of 'sid:secret', or Bearer with a token."},
    {fault::not_cached, "not_cached", side::client, false, 504, 20504,
     "The cache has no usable answer, and Cache-Control: only-if-cached forbids a request to Twilio. Leave it out to have the answer "
     "fetched."},
    {fault::missing_token, "missing_token", side::client, false, 401, 20003,
     "This gateway holds the Twilio credentials and serves known clients only. Send your token: Authorization: Bearer, or Basic with the "
     "token as the password."},
    {fault::unknown_token, "unknown_token", side::client, false, 401, 20003,
     "This gateway does not know this token. Send a token from its configuration: Authorization: Bearer, or Basic with the token as the "
     "password."},
    {fault::not_permitted, "not_permitted", side::client, false, 403, 20006, "This client may not do this."},
    {fault::other_account, "other_account", side::client, false, 403, 17000,
     "The call belongs to another account than those that this client may see."},
    {fault::account_unknown, "account_unknown", side::client, false, 403, 20006,
     "This client may see some accounts only, and nothing says whose this is. Before an Annotation is written, read the call's summary."},
    {fault::event_path, "event_path", side::client, false, 404, 20404,
     "This address takes events of Twilio only, at the path of events.public_url."},
    {fault::event_signature, "event_signature", side::client, false, 403, 20403,
     "This delivery is not signed by Twilio for events.public_url and this content. Check that setting and events.auth_token_file."},
    {fault::event_content, "event_content", side::client, false, 400, 20001,
     "The content is no JSON array of events. Create the sink at Twilio with the sink type webhook."},
    {fault::client_limit, "client_limit", side::ours, false, 429, 20429,
     "This client sends more requests than it may. It is safe to retry after the time given in Retry-After."},
    {fault::quota_exhausted, "quota_exhausted", side::ours, false, 429, 20429, "This client's quota of requests to Twilio is used up.",
     "What is cached is still served. It is safe to retry after the time given in Retry-After."},
    {fault::upstream_busy, "upstream_busy", side::ours, false, 429, 20429,
     "Too many requests are waiting for Twilio at the moment. It is safe to retry after the time given in Retry-After."},
    {fault::upstream_cooling_down, "upstream_cooling_down", side::ours, false, 429, 20429,
     "Twilio asked for a pause a moment ago (429, or 503 with Retry-After), so the gateway sends nothing for a while. It is safe to retry "
     "after the time given in Retry-After."},
    {fault::upstream_failing, "upstream_failing", side::ours, false, 429, 20429,
     "Twilio failed several times in a row, so the gateway sends only single probes at the moment. It is safe to retry after the time "
     "given in Retry-After."},
    {fault::upstream_paused, "upstream_paused", side::ours, false, 429, 20429,
     "An operator of this gateway has paused its requests to Twilio. It is safe to retry after the time given in Retry-After."},
    {fault::call_failing, "call_failing", side::ours, false, 429, 20429, "Twilio failed several times in a row for this call.",
     "It is safe to retry after the time given in Retry-After."},
    {fault::large_answers, "large_answers", side::ours, false, 429, 20429,
     "Too many large answers of Twilio are on their way to clients. Ask for less at once (PageSize), or later.",
     "It is safe to retry after the time given in Retry-After."},
    {fault::too_many_waiters, "too_many_waiters", side::ours, false, 429, 20429,
     "Too many requests are waiting in this gateway. It is safe to retry after the time given in Retry-After."},
    {fault::loop, "loop", side::upstream, false, 508, 20508,
     "This request has already passed this gateway, or more than 8 proxies. Check upstream.url, DNS and proxies. The upstream seems to be "
     "this gateway."},
    {fault::upstream_unreachable, "upstream_unreachable", side::upstream, false, 502, 20502,
     "The upstream cannot be reached. Check upstream.url, upstream.connect_to and the network.", "It is safe to retry."},
    {fault::egress_unreachable, "egress_unreachable", side::upstream, false, 502, 20502,
     "The egress proxy cannot be reached, or did not answer in time. Check upstream.proxy and the network.", "It is safe to retry."},
    {fault::egress_refused, "egress_refused", side::upstream, false, 502, 20502,
     "The egress proxy opened no tunnel to the upstream. Check the proxy's access rules, upstream.proxy and the gateway's log.",
     "It is safe to retry."},
    {fault::egress_auth, "egress_auth", side::upstream, false, 502, 20502,
     "The egress proxy wants another credential of the gateway. Check upstream.proxy_credential_file.", "It is safe to retry later."},
    {fault::upstream_tls, "upstream_tls", side::upstream, false, 502, 20502,
     "TLS with the upstream failed: one side did not accept the other. Check upstream.url and upstream.ca_file; the log has the reason."},
    {fault::upstream_protocol, "upstream_protocol", side::upstream, false, 502, 20502,
     "The upstream's answer ended too early or was not HTTP.", "It is safe to retry."},
    {fault::upstream_unexpected_status, "upstream_unexpected_status", side::upstream, false, 502, 20502,
     "The upstream answered with a status that Twilio does not use here. Check upstream.url, and whether a proxy or a login page answers.",
     "It is safe to retry."},
    {fault::upstream_error, "upstream_error", side::upstream, false, 502, 20502, "The upstream failed.", "It is safe to retry later."},
    {fault::upstream_unusable_body, "upstream_unusable_body", side::upstream, false, 502, 20502, "The upstream's answer could not be read.",
     "It is safe to retry."},
    {fault::upstream_body_too_large, "upstream_body_too_large", side::upstream, false, 502, 20502,
     "Twilio's answer is larger than this gateway takes, so it was not delivered. Ask for less at once (PageSize). The bounds are "
     "upstream.max_body_bytes and, for lists, upstream.max_passthrough_bytes."},
    {fault::upstream_wrong_call, "upstream_wrong_call", side::upstream, false, 502, 20502,
     "The upstream's answer was about another call and was not delivered.", "It is safe to retry."},
    {fault::upstream_wrong_account, "upstream_wrong_account", side::upstream, false, 502, 20502,
     "The upstream's answer named another account than before and was not delivered.", "It is safe to retry."},
    {fault::upstream_foreign_page, "upstream_foreign_page", side::upstream, false, 502, 20502,
     "A page of the upstream's list is at another host, where your credential must not go. The list was not delivered. Check "
     "upstream.url."},
    {fault::upstream_timeout, "upstream_timeout", side::upstream, false, 504, 20504, "The upstream did not answer in time.",
     "It is safe to retry."},
    {fault::upstream_credential_refused, "upstream_credential_refused", side::upstream, false, 502, 20502,
     "Your own proof is good, but the gateway's operator must replace the credential for your account. Twilio refuses that one."},
    {fault::upstream_token_unavailable, "upstream_token_unavailable", side::upstream, false, 502, 20502,
     "The gateway has no OAuth token for your account at the moment. Its operator finds the reason in the gateway's log.",
     "It is safe to retry."},
    {fault::internal, "internal", side::ours, false, 500, 20500, "The gateway failed. Please report the X-Request-Id."},
}};

consteval bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].what) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one row per fault, in the order of the enum");

}  // namespace

const fault_row& row_of(fault f) { return rows[static_cast<std::size_t>(f)]; }

std::optional<fault> fault_named(std::string_view name) {
  auto const* const found = std::ranges::find(rows, name, &fault_row::name);
  return found == rows.end() ? std::nullopt : std::optional{found->what};
}

}  // namespace gateway
