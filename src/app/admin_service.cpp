#include "app/admin_service.hpp"

#include <string_view>

#include "core/base/text.hpp"
#include "core/request/cross_site.hpp"
#include "core/request/query.hpp"

namespace gateway {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

constexpr std::string_view index_text =
    "summary-gateway admin\n"
    "GET  /livez                        200 while the process runs\n"
    "GET  /readyz                       200 while listening and not draining\n"
    "GET  /metrics                      Prometheus text\n"
    "GET  /api/explain?call_sid=CA...   what is cached of a call, and what its next request would do\n"
    "         &state=complete|partial|all\n"
    "POST /api/purge?call_sid=CA...     ask the upstream again before one call is answered from memory\n"
    "POST /api/purge?account_sid=AC...  the same for the calls of one account\n"
    "POST /api/purge?all=true           the same for everything\n"
    "         &hard=true                erase it at once\n";

// The same shape as the data listener's errors. `code` as Twilio's for the like.
std::string error_body(int status, int code, std::string_view message) {
  std::string body = R"({"code":)";
  append_number(body, code);
  body.append(R"(,"message":")").append(message).append(R"(","more_info":"https://www.twilio.com/docs/errors/)");
  append_number(body, code);
  body += R"(","status":)";
  append_number(body, status);
  return body += '}';
}

struct purge_order {
  purge_scope what;
  purge_depth how = purge_depth::soft;
};

// Exactly one of call_sid, account_sid and all=true, and perhaps hard=true; anything else is no order.
std::optional<purge_order> read_purge(std::string_view query) {
  purge_order order;
  int scopes = 0;
  bool sound = true;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "call_sid") {
      ++scopes;
      order.what.call = call_sid::parse(value);
      sound = sound && order.what.call;
    } else if (name == "account_sid") {
      ++scopes;
      order.what.account = account_sid::parse(value);
      sound = sound && order.what.account;
    } else if (name == "all" && value == "true") {
      ++scopes;
    } else if (name == "hard" && (value == "true" || value == "false")) {
      order.how = value == "true" ? purge_depth::hard : purge_depth::soft;
    } else {
      sound = false;
    }
  });
  if (!sound || scopes != 1) return std::nullopt;
  return order;
}

bool is_known(std::string_view path) {
  return path == "/" || path == "/livez" || path == "/readyz" || path == "/metrics" || path == "/api/explain";
}

}  // namespace

std::optional<admin_service::wanted> admin_service::answer_now(const request_head& head, exchange& one, std::string& out) {
  auto const made = route(head);
  one.record.status = append_made(out, made.status, made.type, made.fields, made.body, one.reply(&head));
  return std::nullopt;
}

void admin_service::refuse(fault why, exchange& one, std::string& out) {
  one.record.status = append_fault(out, why, {}, one.reply(nullptr));
}

admin_service::answer admin_service::route(const request_head& head) {
  if (!is_allowed(head)) {
    return {401, "application/json",
            error_body(401, 20003, "A token is needed. Send Authorization: Bearer with the content of admin.token_file."),
            "WWW-Authenticate: Bearer\r\nGateway-Fault: missing_credentials\r\n"};
  }
  bool const reads = head.method == "GET" || head.method == "HEAD";
  if (is_known(head.path)) {
    if (!reads)
      return {405, "application/json", error_body(405, 20004, "This only reads. Use GET or HEAD."),
              "Allow: GET, HEAD\r\nGateway-Fault: method_not_allowed\r\n"};
    return head.path == "/api/explain" ? explain(head.query.value_or("")) : get(head.path);
  }
  if (head.path == "/api/purge") {
    if (head.method != "POST")
      return {405, "application/json", error_body(405, 20004, "This changes something. Use POST."),
              "Allow: POST\r\nGateway-Fault: method_not_allowed\r\n"};
    return purge(head);
  }
  return {404, "application/json", error_body(404, 20404, "There is no such resource here. GET / lists what there is."),
          "Gateway-Fault: no_such_route\r\n"};
}

admin_service::answer admin_service::get(std::string_view path) {
  if (path == "/livez") return {200, plain_text, "alive\n", ""};
  if (path == "/readyz") return from_.ready() ? answer{200, plain_text, "ready\n", ""} : answer{503, plain_text, "draining\n", ""};
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", prometheus_text(from_.metrics()), ""};
  return {200, plain_text, std::string{index_text}, ""};
}

admin_service::answer admin_service::explain(std::string_view query) {
  std::optional<call_sid> call;
  auto state = processing_state::absent;
  bool sound = true;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "call_sid") {
      call = call_sid::parse(value);
    } else if (auto const named = parse_processing_state(value); name == "state" && named) {
      state = *named;
    } else {
      sound = false;
    }
  });
  if (!call || !sound)
    return {400, "application/json", error_body(400, 20001, "Say which call: call_sid=CA..., and perhaps state=complete, partial or all."),
            "Gateway-Fault: unknown_parameter\r\n"};
  return {200, "application/json", from_.explain(*call, state), ""};
}

admin_service::answer admin_service::purge(const request_head& head) {
  if (is_cross_site(head))
    return {403, "application/json", error_body(403, 20403, "A page of another site may not purge. Send this without a browser."),
            "Gateway-Fault: cross_site\r\n"};
  auto const order = read_purge(head.query.value_or(""));
  if (!order)
    return {400, "application/json",
            error_body(400, 20001, "Say what to purge: call_sid=CA..., account_sid=AC... or all=true; hard=true erases it at once."),
            "Gateway-Fault: unknown_parameter\r\n"};
  std::string body = R"({"purged":)";
  append_number(body, from_.purge(order->what, order->how));
  return {200, "application/json", body += '}', ""};
}

bool admin_service::is_allowed(const request_head& head) const {
  if (token_.empty() || head.path == "/livez" || head.path == "/readyz") return true;
  auto const scheme = head.authorization.substr(0, 7);
  return iequals(scheme, "bearer ") && token_.same_as(trim_ows(head.authorization.substr(7)));
}

}  // namespace gateway
