// The look into the cache that a fetch takes before it asks anybody: another fetch may have stored the answer in the meantime.
// Thread rule: any thread; `at` is the worker of the caller.
#pragma once

#include <optional>

#include "app/request/fetch_order.hpp"
#include "app/state/find_beside_writes.hpp"

namespace gateway {

std::optional<fetch_result> find_stored(worker& at, authorized_cache& visible, const pending_writes& writes, const fetch_order& order);

}  // namespace gateway
