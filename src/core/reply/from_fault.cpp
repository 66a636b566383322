// The answer to a request that met a fault: the fault's row (core/base/fault) as a response in Twilio's format.
#include "core/base/text.hpp"
#include "core/reply/reply.hpp"

namespace gateway {
namespace {

constexpr std::string_view read_before_repeating = "What was sent may have been applied: read it before sending it again.";

// Twilio's error format, with integers as JSON numbers: its SDKs parse nothing else.
std::string body_of(const fault_row& row, const fault_detail& detail) {
  std::string body = R"({"code":)";
  append_number(body, row.code);
  body.append(R"(,"message":")").append(row.message);
  if (detail.upstream_status != 0 && names_status(row.what)) {
    body += " It answered ";
    append_number(body, detail.upstream_status);
    if (detail.upstream_code != 0) {
      body += " with code ";
      append_number(body, detail.upstream_code);
    }
    if (!detail.redirect_host.empty()) body.append(", a redirect to ").append(detail.redirect_host);
    body += '.';
  }
  if (!detail.allowed_by.empty()) body.append(" It does if its setting passthrough lists ").append(detail.allowed_by).append(".");
  if (!detail.lacks.word.empty()) {
    body.append(" It needs ").append(detail.lacks.word).append(" in ").append(detail.lacks.setting);
    body += " of its entry in credentials.clients.";
  }
  if (detail.quota.is_on()) {
    body += " It is ";
    append_number(body, detail.quota.calls);
    body += " in each window of ";
    append_number(body, std::chrono::floor<std::chrono::seconds>(detail.quota.per).count());
    body += " seconds.";
  }
  auto const advice = detail.may_have_applied ? read_before_repeating : row.advice;
  if (!advice.empty()) body.append(" ").append(advice);
  body += R"(","more_info":"https://www.twilio.com/docs/errors/)";
  append_number(body, row.code);
  body += R"(","status":)";
  append_number(body, row.status);
  return body += '}';
}

// RFC 9110 §11.6.1: the authentication scheme that a 401 names. Twilio's own credentials, or a token of this gateway.
std::string_view challenge_of(fault what) {
  if (status_of(what) != 401) return "";
  bool const ours = what == fault::missing_token || what == fault::unknown_token;
  return ours ? "WWW-Authenticate: Basic realm=\"summary-gateway\", Bearer realm=\"summary-gateway\"\r\n"
              : "WWW-Authenticate: Basic realm=\"Twilio API\"\r\n";
}

}  // namespace

bool names_status(fault what) {
  return what == fault::upstream_error || what == fault::upstream_unexpected_status || what == fault::upstream_credential_refused ||
         what == fault::call_failing;
}

int append_fault(std::string& out, fault what, const fault_detail& detail, reply_context context) {
  context.retry_after = detail.retry_after;
  auto const& row = row_of(what);
  auto const body = body_of(row, detail);
  std::string fields;
  fields += challenge_of(what);
  if (row.status == 405) fields.append("Allow: ").append(context.allow).append("\r\n");
  append_page_fields(fields, context);
  fields.append("Gateway-Fault: ").append(name_of(what)).append("\r\n");
  return append_made(out, row.status, "application/json", fields, body, context);
}

}  // namespace gateway
