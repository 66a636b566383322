// Any bytes as traceparent and, behind the first line end, as tracestate: what is believed is exactly what is passed on, and that is short
// and plain whatever came.
#include "core/request/trace_context.hpp"
#include "core/base/text.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const text = text_of(data, size);
  auto const end = text.find('\n');
  auto const parent = text.substr(0, end);
  if (auto place = parse_traceparent(parent)) {
    auto const again = traceparent_of(*place, place->parent);
    claim(again.size() == 55 && again.substr(3, 49) == parent.substr(3, 49), "trace and parent are passed on as they came");
    claim(parse_traceparent(again) == *place, "what we write, we can read");
    auto const had = *place;
    complete_trace(*place, [] { return std::uint64_t{7}; });
    claim(place->trace == had.trace && place->parent == had.parent && place->span == 7, "only what is missing is made up");
  }
  field_lines lines;
  auto rest = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  while (!rest.empty()) {
    auto const next = std::min(rest.find('\n'), rest.size());
    lines.add(rest.substr(0, next));
    rest.remove_prefix(std::min(next + 1, rest.size()));
  }
  auto const state = sane_tracestate(lines);
  claim(state.size() <= 512 && is_field_value(state), "bounded, and a field's value");
  claim(sane_tracestate(std::string_view{state}) == state, "what we pass on, others may pass on");
  return 0;
}
