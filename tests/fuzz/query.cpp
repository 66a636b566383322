// Any bytes as the query of a Summary request: what is understood is one of the four questions, whatever its spelling, and the request
// that goes upstream asks the same in the one canonical spelling.
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
  auto const where = parse_route(head.path);
  auto const request = parse_summary_request(where, head);
  auto const lenient = parse_summary_request(where, head, unknown_parameters::passed_uncached);
  if (!request) {
    claim(request.error() == fault::unknown_parameter || request.error() == fault::invalid_processing_state, "a query fails as a query");
    claim(!lenient || lenient->has_unknown, "only an unknown parameter may pass");
    return 0;
  }
  claim(request->call.view() == sid, "a query does not change the call");
  claim(lenient && lenient->state == request->state && !lenient->has_unknown, "what is known means the same");

  auto const upstream = summary_target(request->call, request->state);
  auto const plain = parse_target(upstream, "GET");
  claim(plain.has_value(), "what goes upstream is a target");
  head.path = plain->path;
  head.query = plain->query;
  auto const again = parse_summary_request(parse_route(head.path), head);
  claim(again && again->call == request->call && again->state == request->state, "and asks the same question");
  claim(summary_target(again->call, again->state) == upstream, "of which there is one spelling");
  return 0;
}
