#include "core/telemetry/recorder.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"

namespace gateway {

bool record_filter::matches(const logged_request& one) const {
  auto const& of = one.of;
  return of.hops.total() >= min && (client.empty() || of.client.view() == client) && (!why || of.why == why) &&
         (!ended || of.ended == *ended);
}

std::vector<logged_request> newest(std::vector<logged_request> all, const record_filter& wanted, std::size_t limit) {
  all = merge_groups(all);
  std::erase_if(all, [&](const logged_request& one) { return !wanted.matches(one); });
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
