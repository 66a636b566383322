#include "core/telemetry/recorder.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"

namespace gateway {

std::vector<logged_request> newest(std::vector<logged_request> all, std::chrono::nanoseconds min, std::size_t limit) {
  std::erase_if(all, [&](const logged_request& one) { return one.of.hops.total() < min; });
  std::ranges::stable_sort(all, std::ranges::greater{}, &logged_request::at);
  if (all.size() > limit) all.resize(limit);
  return all;
}

std::string recorded_json(std::span<const logged_request> requests, std::span<const std::string> listeners) {
  std::string body;
  {
    json_object object{body};
    object.begin("requests");
    json_list(body, requests, [&](const logged_request& one) { append_logged(body, one, listeners); });
  }
  return body;
}

}  // namespace gateway
