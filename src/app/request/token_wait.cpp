#include "app/request/token_wait.hpp"

#include <algorithm>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

fetch_result none_for_now(const upstream_tokens::look& seen, std::chrono::nanoseconds longest_pause) {
  bool const is_refused = seen.is == upstream_tokens::state::client_refused;
  auto made = fetch_result::failure(is_refused ? fault::upstream_credential_refused : fault::upstream_token_unavailable);
  made.is = fetch_result::ending::shed;
  auto const longest = std::chrono::floor<std::chrono::seconds>(longest_pause);
  made.detail.retry_after = std::clamp(std::chrono::ceil<std::chrono::seconds>(seen.retry_in), std::chrono::seconds{1}, longest);
  return made;
}

}  // namespace

task<std::optional<fetch_result>> wait_for_token(worker& at, upstream_tokens& tokens, partition owner, mono_time until,
                                                 std::chrono::nanoseconds longest_pause) {
  auto const waits = std::make_shared<sleeper>(at.get_executor());
  while (true) {
    auto const now = mono_now();
    auto const seen = tokens.wait(owner, now, waits);
    if (seen.is == upstream_tokens::state::ready) co_return std::nullopt;
    if (seen.is != upstream_tokens::state::awaited || now >= until) co_return none_for_now(seen, longest_pause);
    co_await waits->sleep_until(until);
  }
}

}  // namespace gateway
