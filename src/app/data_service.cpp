#include "app/data_service.hpp"

namespace gateway {

std::optional<data_service::wanted> data_service::answer_now(const request_head& head, exchange& one, std::string& out) {
  one.record.method = told_method_of(head.method);
  if (head.asterisk_form) return desk_.answer_preflight(head, one, out), std::nullopt;
  auto const where = parse_route(head.path);
  one.record.what = where.what;
  if (where.what == resource::summary || where.what == resource::none) return summaries_.answer_now(where, head, one, out);
  return relay_.answer_now(where, head, one, out);
}

task<void> data_service::answer_later(wanted what, const request_head& head, exchange& one, std::string& out) {
  if (auto* const relayed = std::get_if<relayed_request>(&what)) return relay_.answer_later(*relayed, head, one, out);
  return summaries_.answer_later(std::get<summary_service::wanted>(what), head, one, out);
}

}  // namespace gateway
