#include "core/upstream/answer.hpp"

#include <algorithm>
#include <utility>

#include "core/base/text.hpp"

namespace gateway {
namespace {

bool comes_before(std::string_view a, std::string_view b) { return std::ranges::lexicographical_compare(a, b, {}, lower, lower); }

}  // namespace

std::string_view upstream_answer::field(std::string_view name) const {
  auto const found = std::ranges::find_if(fields, [&](const answer_field& f) { return iequals(f.name, name); });
  return found == fields.end() ? std::string_view{} : found->value;
}

std::string_view upstream_answer::hold(std::string text) {
  texts.push_back(std::make_unique<const std::string>(std::move(text)));
  return *texts.back();
}

// Collected once: compared anew for each field, a long list in Connection would cost fields times options.
passthrough_fields::passthrough_fields(const upstream_answer& answer, std::span<const std::string> added)
    : coded_(answer.status != 200), added_(added) {
  for (auto const& field : answer.fields) {
    if (!iequals(field.name, "connection")) continue;
    for_each_element(field.value, [&](std::string_view option) {
      if (!iequals(option, "close") && !iequals(option, "keep-alive")) by_connection_.push_back(option);
    });
  }
  std::ranges::sort(by_connection_, comes_before);
}

field_use passthrough_fields::use_of(std::string_view name) const {
  if (std::ranges::binary_search(by_connection_, name, comes_before)) return field_use::connection;
  auto const* const row = field_row_of(name);
  auto const use = row == nullptr ? field_use::unless_added : row->use;
  // A 200 has no coding (core/upstream/verdict). Other answers are sent on as they are, with their coding.
  if (!coded_ && iequals(name, "content-encoding")) return field_use::ours;
  bool const added = use == field_use::unless_added && std::ranges::any_of(added_, [&](auto const& one) { return iequals(one, name); });
  return added ? field_use::everyone : use;
}

std::vector<std::string_view> dropped_fields(const upstream_answer& answer, std::span<const std::string> added) {
  passthrough_fields const fields{answer, added};
  std::vector<std::string_view> names;
  for (auto const& field : answer.fields) {
    auto const use = fields.use_of(field.name);
    if (use == field_use::unless_added || use == field_use::nobody) names.push_back(field.name);
  }
  return names;
}

std::string redirect_host(const upstream_answer& answer) {
  static constexpr std::size_t longest = 253 + std::string_view{":65535"}.size();
  static constexpr char_set is_host_char{"-._:[]", is_alnum};
  if (answer.status < 300 || answer.status >= 400) return {};
  auto rest = answer.field("location");
  auto const slashes = rest.find("//");
  auto const scheme = rest.substr(0, slashes);
  if (slashes == std::string_view::npos || !(scheme.empty() || iequals(scheme, "http:") || iequals(scheme, "https:"))) return {};
  rest.remove_prefix(slashes + 2);
  auto host = rest.substr(0, rest.find_first_of("/?#\\"));
  host.remove_prefix(host.rfind('@') + 1);                                // defence: redirect-userinfo
  if (host.size() > longest || !is_host_char.holds_all(host)) return {};  // defence: redirect-host
  return std::string{host};
}

bool is_for_pages(std::string_view name) {
  static constexpr std::string_view family = "access-control-";
  return iequals(name.substr(0, family.size()), family);
}

}  // namespace gateway
