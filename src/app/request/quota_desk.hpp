// What the quota of a client means for its requests: the refusal, and the fields that show it. Whose quota an exchange counts against
// stands in its order (principal::payer). Thread rule: any thread.
#pragma once

#include <optional>
#include <string_view>

#include "app/state/client_quotas.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

// The result for a client whose quota is used up now; nothing: there may be a call left. It waits for nothing.
std::optional<fetch_result> refused_by_quota(client_quotas& quotas, std::string_view client);
// The same for a call that was just refused. The first refusal of a window is an event of the log.
fetch_result quota_refusal(const quota_decision& refused, std::string_view client);

// The name under which this request's client has a quota; "" for clients that have no name in the settings.
std::string_view payer_of(const exchange& one);
// RateLimit fields of the quota, if the client has one.
void add_quota_fields(const client_quotas& quotas, exchange& one);

}  // namespace gateway
