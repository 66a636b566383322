#include "core/request/summary_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/request/query.hpp"

namespace gateway {
namespace {

using boost::system::result;

constexpr std::array<std::string_view, processing_state_count> state_names{"absent", "complete", "partial", "all"};

std::optional<summary_method> parse_method(std::string_view method) {
  if (method == "GET") return summary_method::get;
  if (method == "HEAD") return summary_method::head;
  if (method == "OPTIONS") return summary_method::options;
  return std::nullopt;
}

// Twilio pages every resource, so SDKs may send Page and PageSize; on a Summary they have no meaning.
constexpr std::array<std::string_view, 3> parameter_names{"ProcessingState", "Page", "PageSize"};
constexpr std::size_t state_parameter = 0;

struct asked_by_query {
  processing_state state = processing_state::absent;
  bool has_unknown = false;
  std::array<bool, parameter_names.size()> seen{};
};

// An empty value is the same as none.
std::optional<processing_state> decode_state(std::string_view value) {
  if (value.empty()) return processing_state::absent;
  for (std::size_t i = 1; i < state_names.size(); ++i) {
    if (decodes_to(value, state_names[i])) return static_cast<processing_state>(i);
  }
  return std::nullopt;
}

std::optional<fault> read_parameter(std::string_view name, std::string_view value, unknown_parameters others, asked_by_query& asked) {
  auto const known = std::ranges::find_if(parameter_names, [&](std::string_view one) { return decodes_to(name, one); });
  auto const which = static_cast<std::size_t>(known - parameter_names.begin());
  bool const is_state = which == state_parameter;
  if (encodes_control(name) || encodes_control(value))  // defence: query-is-text
    return is_state ? fault::invalid_processing_state : fault::unknown_parameter;
  if (known == parameter_names.end()) {
    if (others == unknown_parameters::refused) return fault::unknown_parameter;  // defence: one-parameter
    asked.has_unknown = true;
    return std::nullopt;
  }
  if (std::exchange(asked.seen[which], true))  // defence: state-once
    return is_state ? fault::invalid_processing_state : fault::unknown_parameter;
  if (!is_state) return std::nullopt;
  auto const state = decode_state(value);
  if (!state) return fault::invalid_processing_state;
  asked.state = *state;
  return std::nullopt;
}

result<asked_by_query, fault> parse_query(std::string_view query, unknown_parameters others) {
  asked_by_query asked;
  std::optional<fault> refused;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    bool const is_empty = name.empty() && value.empty();
    if (!refused && !is_empty) refused = read_parameter(name, value, others, asked);
  });
  if (refused) return *refused;
  return asked;
}

}  // namespace

std::string_view name_of(processing_state state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<processing_state> parse_processing_state(std::string_view value) {
  for (std::size_t i = 1; i < state_names.size(); ++i) {
    if (state_names[i] == value) return static_cast<processing_state>(i);
  }
  return std::nullopt;
}

result<summary_request, fault> parse_summary_request(const route& where, const request_head& head, unknown_parameters others) {
  auto const method = parse_method(head.method);
  if (!method) return fault::method_not_allowed;
  if (!head.content.empty()) return fault::unexpected_body;  // defence: content-refused
  if (where.what != resource::summary) return fault::no_such_route;
  auto const call = call_sid::parse(where.call);
  if (!call) return fault::invalid_call_sid;
  auto const asked = parse_query(head.query.value_or(std::string_view{}), others);
  if (!asked) return asked.error();
  return summary_request{*call, asked->state, *method, asked->has_unknown};
}

std::string summary_target(const call_sid& call, processing_state state) {
  auto target = summary_path(call);
  if (state != processing_state::absent) {
    target += "?ProcessingState=";
    target += name_of(state);
  }
  return target;
}

}  // namespace gateway
