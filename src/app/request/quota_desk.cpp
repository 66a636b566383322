#include "app/request/quota_desk.hpp"

#include "core/limit/quota_fields.hpp"
#include "core/settings/units.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

std::optional<fetch_result> refused_by_quota(client_quotas& quotas, std::string_view client) {
  auto const decided = quotas.refuse(client);
  return decided ? std::optional{quota_refusal(*decided, client)} : std::nullopt;
}

fetch_result quota_refusal(const quota_decision& refused, std::string_view client) {
  if (refused.is_first) {  // defence: quota-event-once
    log_entry(logbook_kind::quota_used_up,
              {{"client", client},
               {"calls", refused.rule.calls},
               {"per", duration_text(refused.rule.per)},
               {"resets_ms", std::chrono::duration_cast<std::chrono::milliseconds>(refused.resets_in).count()}});
  }
  auto made = fetch_result::failure(fault::quota_exhausted);
  made.is = fetch_result::ending::shed;
  made.about_leader = true;  // defence: quota-of-leader
  made.detail.quota = refused.rule;
  made.detail.retry_after = retry_after_of(refused);
  return made;
}

std::string_view payer_of(const exchange& one) {
  auto const& who = one.from.memo.last();
  return who ? std::string_view{who->name} : std::string_view{};
}

void add_quota_fields(const client_quotas& quotas, exchange& one) {
  auto const is = quotas.look(payer_of(one));
  if (is.rule.is_on()) append_quota(one.rate_limit, is);
}

}  // namespace gateway
