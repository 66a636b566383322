#include "calls.hpp"

#include <algorithm>

#include "accounts.hpp"

namespace simulator {
namespace {

constexpr std::string_view shape_names[] = {"carrier", "sip", "client", "trunking", "whatsapp"};
constexpr std::chrono::days record_lifetime{30};

}  // namespace

std::optional<call_shape> parse_call_shape(std::string_view name) {
  const auto found = std::ranges::find(shape_names, name);
  if (found == std::end(shape_names)) return {};
  return static_cast<call_shape>(found - shape_names);
}

std::string_view to_string(call_shape shape) { return shape_names[static_cast<std::size_t>(shape)]; }

life life_of(const call_facts& call, sim_time now) {
  const auto age = now - call.ended_at;
  if (age < age.zero()) return {stage::ongoing};
  if (age >= record_lifetime) return {stage::expired};
  if (age >= call.complete_after) return {stage::complete};
  if (age < call.partial_after) return {stage::ended};
  const auto span = call.complete_after - call.partial_after;
  return {stage::partial, static_cast<int>((age - call.partial_after) * partial_versions / span)};
}

int refusal_for(stage at, wanted_state wanted) {
  if (wanted == wanted_state::nonsense) return 17400;
  switch (at) {
    case stage::ongoing:
      return 20404;
    case stage::ended:
      return 17001;
    case stage::partial:
      return wanted == wanted_state::partial || wanted == wanted_state::all ? 0 : 17001;
    case stage::complete:
      return 0;
    case stage::expired:
      return 17002;
  }
  return 20500;
}

int error_by_sid(std::string_view call_sid) {
  for (const auto& [digits, code] : {std::pair{"17000", 17000},
                                     {"17001", 17001},
                                     {"17002", 17002},
                                     {"17007", 17007},
                                     {"17008", 17008},
                                     {"17009", 17009},
                                     {"20404", 20404},
                                     {"20403", 20403},
                                     {"20429", 20429}})
    if (call_sid.substr(2, 5) == digits) return code;
  return 0;
}

call_facts call_registry::find(const std::string& call_sid) const {
  const auto found = calls_.find(call_sid);
  if (found != calls_.end()) return found->second;
  call_facts call;
  call.sid = call_sid;
  call.account_sid = numbered_sid("AC", 1);
  call.ended_at = start_ - std::chrono::hours{1};
  call.bytes = body_bytes_;
  dice chance{seed_ ^ 0xa770, call_sid};
  call.noted = noted_before(chance);
  return call;
}

}  // namespace simulator
