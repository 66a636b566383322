// The path by which balancers ask on a data listener whether the process runs. It is no resource of Twilio.
// Thread rule: pure.
#pragma once

#include "core/request/head.hpp"

namespace gateway {

inline bool is_health_check(const request_head& head) { return head.path == "/livez"; }

}  // namespace gateway
