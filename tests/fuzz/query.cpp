// Any bytes as the query of a Summary request: what is understood is one of the four questions, whatever its spelling, and the
// request that goes upstream asks the same.
#include "core/request/head.hpp"
#include "core/request/summary_request.hpp"
#include "core/request/target.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  static constexpr std::string_view sid = "CA0123456789abcdef0123456789abcdef";
  auto const target = "/v1/Voice/" + std::string{sid} + "/Summary?" + std::string{text_of(data, size)};
  auto const form = parse_target(target, "GET");
  if (!form) return 0;
  request_head head;
  head.method = "GET";
  head.path = form->path;
  head.query = form->query;
  auto const request = parse_summary_request(parse_route(head.path), head);
  if (!request) {
    claim(request.error() == fault::unknown_parameter || request.error() == fault::invalid_processing_state, "a query fails as a query");
    return 0;
  }
  auto const query = *form->query;
  claim(request->call.view() == sid, "a query does not change the call");
  claim(request->state == processing_state::absent ? query.empty() : query == "ProcessingState=" + std::string{name_of(request->state)},
        "there is one spelling of each question");
  auto const upstream = summary_target(request->call, request->state);
  claim(upstream == (query.empty() ? target.substr(0, target.size() - 1) : target), "and it goes upstream as it is");
  return 0;
}
