#include "route.hpp"

#include <charconv>

#include "accounts.hpp"

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

route route::parse(std::string_view target) {
  route found;
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  static constexpr std::string_view prefix = "/v1/Voice/";
  if (!path.starts_with(prefix)) return found;
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  const std::string_view sid = path.substr(0, slash);
  const std::string_view leaf = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  if (!is_sid(sid, "CA")) return found;
  found.call_sid = sid;
  if (leaf == "Summary") found.what = resource::summary;
  if (leaf == "Annotation") found.what = resource::annotation;
  if (question == std::string_view::npos) return found;

  for_each_pair(target.substr(question + 1), [&](const std::string& name, const std::string& value) {
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
