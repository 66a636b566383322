// Twilio's OAuth: POST /v2/token gives an OAuth client a bearer token (RFC 6749 §4.4), and the control port says on what terms.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "json_fields.hpp"
#include "twilio.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

// RFC 6749 §5.2.
answer oauth_error(unsigned status, const char* error, const char* description) {
  json::object body;
  body["error"] = error;
  body["error_description"] = description;
  answer made;
  made.status = status;
  made.body = json::serialize(body);
  return made;
}

}  // namespace

answer twilio::token_answer(const request_facts& request, sim_time now) {
  if (request.method != "POST") {
    answer refused = error_answer(20004, {});
    refused.headers = {{"Allow", "POST"}};
    return refused;
  }
  std::string grant_type, client, secret;
  for_each_pair(request.body, [&](const std::string& name, const std::string& value) {
    if (name == "grant_type") grant_type = value;
    if (name == "client_id") client = value;
    if (name == "client_secret") secret = value;
  });
  if (grant_type.empty()) return oauth_error(400, "invalid_request", "grant_type is missing");
  if (grant_type != "client_credentials") return oauth_error(400, "unsupported_grant_type", "only client_credentials is supported");
  if (!accounts_.is_oauth_client(client, secret)) return oauth_error(401, "invalid_client", "client authentication failed");
  answer made;
  made.headers = {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}};
  made.body = tokens_.issue(client, now);
  return made;
}

std::optional<std::string> twilio::change_tokens(const json::value& change) {
  json_fields fields{change, "tokens"};
  token_issuer::terms terms;
  const auto seconds = fields.number("lifetime_s", 0, 1e9);
  if (seconds) terms.lifetime = std::chrono::milliseconds{static_cast<std::int64_t>(*seconds * 1000)};
  if (const auto announced = fields.number("expires_in", -1e15, 1e15)) terms.expires_in = static_cast<std::int64_t>(*announced);
  terms.says_lifetime = fields.flag("says_lifetime").value_or(true);
  const bool revoke = fields.flag("revoke").value_or(false);
  if (auto problem = fields.problem()) return problem;
  const std::lock_guard lock{mutex_};
  tokens_.set_terms(terms);
  if (revoke) tokens_.end_all();
  return {};
}

}  // namespace simulator
