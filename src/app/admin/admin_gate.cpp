// Who may ask the admin listener for what: the resource's row says which role it needs (the table in admin_service.cpp), and the operators
// in force say who has which. What is refused is counted, and an attempt at a change is noted for the audit trail.
#include <algorithm>
#include <iterator>
#include <vector>

#include "app/admin/admin_service.hpp"
#include "core/base/json_writer.hpp"
#include "core/request/cross_site.hpp"

namespace gateway {
namespace {

// The same shape as the data listener's errors. `code`: Twilio's code for such an error.
std::string error_body(int status, int code, std::string_view message) {
  std::string body = R"({"code":)";
  append_number(body, code);
  body.append(R"(,"message":")").append(message).append(R"(","more_info":"https://www.twilio.com/docs/errors/)");
  append_number(body, code);
  body += R"(","status":)";
  append_number(body, status);
  return body += '}';
}

}  // namespace

admin_service::answer admin_service::refusal(int status, int code, std::string_view message, std::string_view fields) {
  answer made{status, "application/json", error_body(status, code, message), fields};
  made.why = message;
  return made;
}

admin_service::answer admin_service::refusal(admin_refusal who, int status, int code, std::string_view message, std::string_view fields) {
  auto made = refusal(status, code, message, fields);
  made.refused = who;
  return made;
}

admin_service::answer admin_service::bad_parameters(std::string_view message) {
  return refusal(400, 20001, message, "Gateway-Fault: unknown_parameter\r\n");
}

void admin_service::turn_down(answer& made, std::string_view why, std::string_view fields) {
  auto const resource = made.changes;
  made = refusal(409, 20409, why, fields);
  made.changes = resource;
}

admin_service::answer admin_service::route(const exchange& one) {
  auto const& head = *one.head;
  // The page and its files are one resource.
  auto const wanted = page_.file(head.path) != nullptr ? "/" : head.path;
  auto const all = all_resources();
  auto const found = std::ranges::find(all, wanted, &resource::path);
  bool const is_found = found != all.end() && (offers_ == offer::everything || found->is <= access::scraped);
  if (is_found && offers_ == offer::metrics) return judge(*found, {}, head);
  bool const is_open = is_found && !found->needs.role;
  auto const who = is_open ? std::optional{admin_operator{}} : rules_.who(one.from, head.authorization);
  auto const answered = [&](answer made) {
    if (is_found && found->is == access::changes && head.method == "POST") made.changes = found->path;
    return made;
  };
  if (!who)
    return answered(
        refusal(admin_refusal::unknown, 401, 20003,
                "A token is needed. Send Authorization: Bearer with a token of admin.token_file, or come as one of admin.users.",
                "WWW-Authenticate: Bearer\r\nGateway-Fault: missing_credentials\r\n"));
  bool const tells = is_found && found->is > access::page;
  if (tells && rules_.name_nobody() && may_be_rebound(head.host))
    return answered(refusal(admin_refusal::cross_site, 403, 20403,
                            "That name may be another site's. Ask by address or as localhost, or set admin.token_file.",
                            "Gateway-Fault: cross_site\r\n"));
  if (!is_found)
    return refusal(404, 20404,
                   offers_ == offer::metrics ? "There are only /livez, /readyz and /metrics here."
                                             : "There is no such resource here. GET /api lists what there is.",
                   "Gateway-Fault: no_such_route\r\n");
  return answered(judge(*found, *who, head));
}

admin_service::answer admin_service::judge(const resource& wanted, const admin_operator& who, const request_head& head) {
  bool const changes = wanted.is == access::changes;
  if (head.method == "OPTIONS") return {204, "", "", changes ? "Allow: POST, OPTIONS\r\n" : "Allow: GET, HEAD, OPTIONS\r\n"};
  if (changes && head.method != "POST")
    return refusal(405, 20004, "This changes something. Use POST.", "Allow: POST, OPTIONS\r\nGateway-Fault: method_not_allowed\r\n");
  if (!changes && head.method != "GET" && head.method != "HEAD")
    return refusal(405, 20004, "This only reads. Use GET or HEAD.", "Allow: GET, HEAD, OPTIONS\r\nGateway-Fault: method_not_allowed\r\n");
  if (changes && is_cross_site(head))
    return refusal(admin_refusal::cross_site, 403, 20403, "A page of another site may not change anything. Send this without a browser.",
                   "Gateway-Fault: cross_site\r\n");
  if (offers_ == offer::everything && wanted.needs.role && !holds(who.role, *wanted.needs.role)) {  // defence: admin-role
    auto why = std::string{"This needs the role "}.append(name_of(*wanted.needs.role)).append("; ").append(who.name).append(" has ");
    why.append(name_of(who.role)).append(". Roles are given in admin.token_file and admin.users.");
    return refusal(admin_refusal::role_missing, 403, 20006, why, "Gateway-Fault: not_permitted\r\n");
  }
  return (this->*wanted.give)(head);
}

admin_service::answer admin_service::index(const request_head&) {
  std::string text = "summary-gateway admin\n";
  for (auto const& one : all_resources())
    text.append(one.is == access::changes ? "POST " : "GET  ")
        .append(one.path)
        .append("  ")
        .append(one.needs.role ? name_of(*one.needs.role) : "open")
        .append("  ")
        .append(one.prose)
        .append("\n");
  return {200, "text/plain; charset=utf-8", text, ""};
}

admin_service::answer admin_service::whoami(const request_head&) {
  answer made;
  made.names_operator = true;
  return made;
}

std::string admin_service::operator_body(const exchange& one) const {
  auto const who = *rules_.who(one.from, one.head->authorization);
  std::vector<resource> changing;
  std::ranges::copy_if(all_resources(), std::back_inserter(changing), [](const resource& each) { return each.is == access::changes; });
  std::string body;
  {
    json_object object{body};
    object.text("name", who.name);
    object.text("role", name_of(who.role));
    object.text("known_by", who.known_by);
    object.begin("changes");
    json_list(body, changing, [&](const resource& each) {
      json_object row{body};
      row.text("path", each.path);
      row.text("needs", name_of(*each.needs.role));
      row.flag("allowed", holds(who.role, *each.needs.role));
    });
  }
  return body;
}

// An operator's address is never hashed: the audit line says from where the change came. A certificate's name is no place.
operator_trace admin_service::trace_of(const exchange& one) const {
  client place;
  place.address = one.from.address;
  place.user = one.from.user;
  auto from = std::string{name_of(place, client_naming{shown_addresses::plain, {}}).view()};
  if (one.from.process) from.append(", pid ").append(std::to_string(*one.from.process));
  auto const who = rules_.who(one.from, one.head->authorization);
  if (!who) return {"a stranger", std::move(from), ""};
  return {std::string{who->name}, std::move(from), rules_.name_nobody() ? "" : name_of(who->role)};
}

// Attempts at a change are lines of the audit trail. What only reads is counted.
void admin_service::note_refusal(const answer& made, const exchange& one) {
  if (made.refused) ++refused_[static_cast<std::size_t>(*made.refused)];
  if (made.changes.empty()) return;
  backend_.note_refusal({made.changes, made.why, made.refused == admin_refusal::unknown}, trace_of(one));
}

}  // namespace gateway
