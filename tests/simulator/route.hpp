#pragma once
// What a request line asks for: which of Twilio's resources, of which call, in which processing state.
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

enum class resource {
  summary,
  annotation,
  call,
  events,
  metrics,
  summaries,
  gathering,
  settings,
  sinks,
  sink_test,
  subscriptions,
  token,
  unknown
};
enum class wanted_state { unsaid, complete, partial, all, nonsense };

struct route {
  resource what = resource::unknown;
  std::string call_sid;  // "" when the path names none
  std::string sink_sid;  // of a sink's test
  wanted_state state = wanted_state::unsaid;
  std::optional<std::string> processing_state;  // as written, for the log and for matching faults

  static route parse(std::string_view target);
};

constexpr bool is_of_event_streams(resource what) {
  return what == resource::sinks || what == resource::sink_test || what == resource::subscriptions;
}

std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);  // without the question mark
std::string percent_decoded(std::string_view text, bool plus_is_space);

// Calls each(name, value) for every pair of a query or of a form body, both decoded.
template <class F>
void for_each_pair(std::string_view text, F each) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty())
      each(percent_decoded(pair.substr(0, equals), true),
           equals == std::string_view::npos ? std::string{} : percent_decoded(pair.substr(equals + 1), true));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
}

}  // namespace simulator
