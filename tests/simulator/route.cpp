#include "route.hpp"

#include <algorithm>
#include <charconv>

#include "accounts.hpp"
#include "families.hpp"

namespace simulator {

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
  const auto question = target.find('?');
  return question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
}

namespace {

resource below_a_call(std::string_view leaf) {
  if (leaf == "Summary") return resource::summary;
  if (leaf == "Annotation") return resource::annotation;
  if (leaf == "Events") return resource::events;
  if (leaf == "Metrics") return resource::metrics;
  return resource::unknown;
}

}  // namespace

route route::parse(std::string_view target) {
  route found;
  std::string_view path = path_of(target);
  if (path == "/v2/token") found.what = resource::token;
  if (path == "/v1/Sinks") found.what = resource::sinks;
  if (path == "/v1/Subscriptions") found.what = resource::subscriptions;
  static constexpr std::string_view sink_prefix = "/v1/Sinks/", test_leaf = "/Test";
  if (path.starts_with(sink_prefix) && path.ends_with(test_leaf) && is_sid(path.substr(sink_prefix.size(), 34), "DG") &&
      path.size() == sink_prefix.size() + 34 + test_leaf.size()) {
    found.what = resource::sink_test;
    found.sink_sid = path.substr(sink_prefix.size(), 34);
  }
  if (is_gathering_path(path)) found.what = resource::gathering;
  static constexpr std::string_view prefix = "/v1/Voice/";
  if (!path.starts_with(prefix)) return found;
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  const std::string_view sid = path.substr(0, slash);
  if (path == "Summaries") {
    found.what = resource::summaries;
  } else if (path == "Settings") {
    found.what = resource::settings;
  } else if (is_sid(sid, "CA")) {
    found.call_sid = sid;
    // As Twilio: it takes digits in either case and answers with lower-case ones.
    std::transform(found.call_sid.begin() + 2, found.call_sid.end(), found.call_sid.begin() + 2,
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    found.what = slash == std::string_view::npos ? resource::call : below_a_call(path.substr(slash + 1));
  }

  for_each_pair(query_of(target), [&](const std::string& name, const std::string& value) {
    if (name != "ProcessingState") return;
    found.processing_state = value;
    found.state = value == "complete"  ? wanted_state::complete
                  : value == "partial" ? wanted_state::partial
                  : value == "all"     ? wanted_state::all
                                       : wanted_state::nonsense;
  });
  return found;
}

}  // namespace simulator
