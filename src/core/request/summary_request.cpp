#include "core/request/summary_request.hpp"

#include <array>

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

result<processing_state, fault> parse_query(std::optional<std::string_view> query) {
  auto state = processing_state::absent;
  bool seen = false;
  if (!query || query->empty()) return state;
  for (auto rest = *query;;) {
    auto const end = rest.find('&');
    auto const pair = rest.substr(0, end);
    auto const equals = pair.find('=');
    if (pair.substr(0, equals) != "ProcessingState") return fault::unknown_parameter;  // defence: one-parameter
    auto const value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    auto const parsed = parse_processing_state(value);
    if (seen || !parsed) return fault::invalid_processing_state;  // defence: state-once
    state = *parsed;
    seen = true;
    if (end == std::string_view::npos) return state;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

std::string_view name_of(processing_state state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<processing_state> parse_processing_state(std::string_view value) {
  for (std::size_t i = 1; i < state_names.size(); ++i) {
    if (state_names[i] == value) return static_cast<processing_state>(i);
  }
  return std::nullopt;
}

result<summary_request, fault> parse_summary_request(const route& where, const request_head& head) {
  auto const method = parse_method(head.method);
  if (!method) return fault::method_not_allowed;
  if (!head.content.empty()) return fault::unexpected_body;  // defence: content-refused
  if (where.what != resource::summary) return fault::no_such_route;
  auto const call = call_sid::parse(where.call);
  if (!call) return fault::invalid_call_sid;
  auto const state = parse_query(head.query);
  if (!state) return state.error();
  return summary_request{*call, *state, *method};
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
