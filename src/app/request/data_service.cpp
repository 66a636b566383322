#include "app/request/data_service.hpp"

namespace gateway {

std::optional<data_service::wanted> data_service::answer_now(const request_head& head, exchange& one, std::string& out) {
  one.record.method = told_method_of(head.method);
  one.close = one.close || one.is_parting();
  if (!head.traceparent.empty()) one.record.trace = parse_traceparent(head.traceparent).value_or(trace_place{});
  auto what = pass_through(head, one, out);
  if (!what) request_gate::count_client(one);
  return what;
}

std::optional<data_service::wanted> data_service::pass_through(const request_head& head, exchange& one, std::string& out) {
  if (head.asterisk_form) return gate_.answer_preflight(head, one, out), std::nullopt;
  auto const where = parse_route(head.path);
  one.record.what = where.what;
  if (where.what == resource::summary || where.what == resource::none) return summaries_.answer_now(where, head, one, out);
  return passthrough_.answer_now(where, head, one, out);
}

task<void> data_service::answer_later(wanted what, const request_head& head, exchange& one, std::string& out) {
  auto* const passthrough = std::get_if<passthrough_request>(&what);
  auto answering = passthrough != nullptr ? passthrough_.answer_later(*passthrough, head, one, out)
                                          : summaries_.answer_later(std::get<summary_service::wanted>(what), head, one, out);
  co_await std::move(answering);
  request_gate::count_client(one);
}

}  // namespace gateway
