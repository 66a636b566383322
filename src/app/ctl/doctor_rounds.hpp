// The checks of `ctl doctor` that ask other hosts, one after the other: each upstream, its accounts, the engine, the webhook. Each has its
// time, and all together have theirs.
// Thread rule: on the worker's thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/ctl/doctor_request.hpp"
#include "core/auth/authorizer.hpp"
#include "core/doctor/finding.hpp"
#include "core/doctor/judgements.hpp"
#include "core/doctor/live_report.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/reach.hpp"

namespace gateway {

class doctor_rounds {
public:
  static constexpr std::chrono::seconds each{5};
  static constexpr std::chrono::seconds together{60};

  // `injecting`: null in mode forward. `own`: the value of Authorization of --credential-file; "" for none. All outlive the rounds.
  doctor_rounds(worker& at, const settings& values, const injection* injecting, const secret& own, const std::optional<call_sid>& live)
      : at_(at), values_(values), injecting_(injecting), own_(own), live_(live), end_(mono_now() + together) {}

  task<void> run();

  [[nodiscard]] const std::vector<finding>& findings() const { return findings_; }
  // "" unless a call was asked for and a credential was there.
  [[nodiscard]] const std::string& live() const { return live_report_; }

private:
  // Who asks.
  struct asker {
    asker(std::string called, std::string setting, const secret& with)
        : label(std::move(called)), file(std::move(setting)), credential(with) {}
    std::string label;  // "" for nobody
    std::string file;   // the setting, or the option, that names the credential's file
    secret credential;
  };

  void add(finding one) { findings_.push_back(std::move(one)); }
  void add_all(std::vector<finding> those);
  [[nodiscard]] mono_time deadline() const { return std::min(end_, mono_now() + each); }
  task<void> examine_upstream(const upstream_settings& of);
  task<void> examine_account(const upstream_settings& of, const destination& to, std::size_t account);
  task<void> examine_credential(const destination& to, asker who);
  task<secret> fetch_token(const upstream_settings& of, std::size_t account);
  task<void> ask_about_call(const destination& to, const asker& who);
  task<void> examine_engine();
  task<void> examine_webhook();
  // On a connection of its own.
  task<exchange_result> ask(const destination& to, const secret& request);
  // All outlive it.
  static task<exchange_result> exchange_over(upstream_connection& open, const secret& request, const upstream_settings& way,
                                             mono_time until);

  worker& at_;
  const settings& values_;
  const injection* injecting_;
  const secret& own_;
  const std::optional<call_sid>& live_;
  const mono_time end_;
  std::vector<finding> findings_;
  std::string live_report_;
};

}  // namespace gateway
