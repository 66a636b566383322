#include "core/polling/stand_in.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/text.hpp"

namespace gateway {
namespace {

bool describes_content(std::string_view name) {
  static constexpr std::array<std::string_view, 6> others{"etag", "last-modified", "expires", "cache-control", "age", "retry-after"};
  static constexpr std::string_view family = "content-";
  return iequals(name.substr(0, family.size()), family) ||
         std::ranges::any_of(others, [&](std::string_view known) { return iequals(known, name); });
}

}  // namespace

void stand_in_for_partial(upstream_answer& partial, const not_ready_answer& said) {
  std::erase_if(partial.fields, [](const answer_field& f) { return describes_content(f.name); });
  partial.status = said.status;
  partial.body = said.body;
  if (!said.content_type.empty()) partial.fields.push_back({"Content-Type", partial.hold(said.content_type)});
}

void state_next_look(upstream_answer& answer, std::chrono::seconds in) {
  std::erase_if(answer.fields, [](const answer_field& f) { return iequals(f.name, "retry-after"); });
  answer.fields.push_back({"Retry-After", answer.hold(std::to_string(in.count()))});
}

}  // namespace gateway
