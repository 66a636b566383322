// The quotas of all clients that have one, over all workers: core/limit/client_quota decides. An exchange takes its call at the moment when
// it is sent, so it counts in the window in which it is sent, and several lanes together never take more than there are. Only what asks the
// upstream comes here: a hit never does.
// In a fleet (app/fleet/shared_quotas) a request waits here for the engine's word, if this gateway has no call left that the engine gave
// it. Thread rule: any thread; the mutex is never held across a wait. Time rule: reads the clock and passes `now` on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limit/client_quota.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {

class client_quotas {
public:
  explicit client_quotas(const std::vector<client_settings>& clients) { take_over(clients); }

  void take_over(const std::vector<client_settings>& clients);

  // What take() would say; with a client without a quota, or none (""): allowed, and no rule.
  [[nodiscard]] quota_decision look(std::string_view client) const;
  // The refusal, if take() would refuse now.
  std::optional<quota_decision> refuse(std::string_view client);
  // Uses one call of the client's quota: allowed or refused. It waits for the engine for a moment at most.
  task<quota_decision> take(executor where, std::string_view client);
  // The exchange was not sent after all. `taken`: allowed.
  void give_back(std::string_view client, const quota_decision& taken);

  // What operators are shown; nothing: the client has none.
  [[nodiscard]] std::optional<quota_figures> figures_of(std::string_view client) const;

  // The fleet. `news`: called on any thread when there may be something to report. Set before lanes start.
  void on_news(std::function<void()> news) { news_ = std::move(news); }
  void set_fleet(const fleet_state& fleet);
  // Once a second.
  void beat();
  // The gateway ends, and no request comes any more: what was not used goes back to the engine.
  void leave();
  // The clients whose quota has something to report.
  [[nodiscard]] std::vector<std::string> with_news() const;
  struct asked {
    quota_rule rule;
    quota_report what;
  };
  // Nothing: there is nothing to report.
  std::optional<asked> report_of(std::string_view client);
  // `rule`, `asked_at`: of the report that it replies to.
  void take_word(std::string_view client, const quota_rule& rule, const quota_word& word, mono_time asked_at);

private:
  struct row {
    explicit row(const quota_rule& rule) : quota(rule) {}
    client_quota quota;
    std::vector<std::shared_ptr<sleeper>> waiting;  // tasks for which the engine has to be asked
  };
  using rows = std::map<std::string, row, std::less<>>;
  using sleepers = std::vector<std::shared_ptr<sleeper>>;

  // unknown: `me`, made if it is null, will be woken.
  quota_decision take_or_wait(std::string_view client, std::shared_ptr<sleeper>& me, const executor& where, bool alone);
  [[nodiscard]] static bool has_news(const row& one) { return one.quota.has_report(one.waiting.size()); }

  std::function<void()> news_;
  mutable std::mutex mutex_;
  rows rows_;  // protected by mutex_, as the next
  fleet_state fleet_{};
};

// A call that was taken for an exchange. Unless that is sent, the call is given back.
class paid_call {
public:
  // `client` outlives it.
  paid_call(client_quotas& from, std::string_view client, const quota_decision& taken) : from_(from), client_(client), taken_(taken) {}
  paid_call(const paid_call&) = delete;
  paid_call& operator=(const paid_call&) = delete;
  ~paid_call() {
    if (!sent_) from_.give_back(client_, taken_);  // defence: quota-unsent
  }
  void sent() { sent_ = true; }

private:
  client_quotas& from_;
  const std::string_view client_;
  const quota_decision taken_;
  bool sent_ = false;
};

}  // namespace gateway
