#include "app/server/access_watch.hpp"

#include <algorithm>
#include <stdexcept>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Which account's credential replaces which: accounts keep their names.
std::vector<succession> successions_of(const std::optional<injection>& before, const std::optional<injection>& now) {
  std::vector<succession> all;
  if (!before || !now) return all;
  for (std::size_t i = 0; i < now->accounts.size(); ++i) {
    auto const known = std::ranges::find(before->account_names, now->account_names[i]);
    if (known == before->account_names.end()) continue;
    auto const& was = before->accounts[static_cast<std::size_t>(known - before->account_names.begin())];
    if (was.at != now->accounts[i].at) continue;  // defence: no-heir-elsewhere
    all.push_back({now->accounts[i].owner, was.owner});
  }
  return all;
}

// Whether an account with this partition had another credential before. A new token of the same Twilio account keeps the partition.
bool is_replaced(const std::optional<injection>& before, const identity& now) {
  if (!before) return false;
  auto const known = std::ranges::find(before->accounts, now.owner, &identity::owner);
  return known != before->accounts.end() && !known->has_credential_of(now);
}

}  // namespace

published_rules::pointer first_rules(const credential_settings& from, const upstream_keys& keys) {
  auto read = read_access(from, keys);
  if (!read.problems.empty()) throw std::runtime_error{read.problems.front().key + ": " + read.problems.front().text};
  return std::make_shared<const access_rules>(std::move(read.rules));
}

void access_watch::look_anew() {
  looker_ = from_.mode == credentials_mode::inject ? std::make_shared<access_looker>(from_, keys_) : nullptr;
}

bool access_watch::found(const std::shared_ptr<access_looker>& with, const std::shared_ptr<const access_look>& what) {
  if (what == nullptr || with != looker_) return false;
  auto const came = in_force_.look(*what);
  for (auto const& one : came.warnings) log_entry(logbook_kind::file_refused, {{"cause", one}});
  failures_ += came.failures;
  if (!came.changed) return false;
  note_change();
  publish();
  return true;
}

void access_watch::take(const access_rules& rules) {
  if (in_force_.rules().content != rules.content) note_change();
  in_force_ = access_in_force{rules};
  look_anew();
  publish();
}

void access_watch::note_change() {
  ++reloads_;
  log_entry(logbook_kind::files_changed, {{"setting", "credentials"}, {"change", "changed files have been read again"}});
}

void access_watch::publish() {
  auto const before = into_.get();
  visible_.succeed(successions_of(before->injecting, in_force_.rules().injecting));
  auto rules = in_force_.rules();
  rules.version = ++version_;
  auto const injecting = rules.injecting;
  into_.replace(std::make_shared<const access_rules>(std::move(rules)));
  // Afterwards: a request that is refused meanwhile by the replaced credential finds the new rules, and is not noted.
  if (!injecting) return;
  std::vector<partition> owners;
  for (auto const& one : injecting->accounts) {
    owners.push_back(one.owner);
    if (is_replaced(before->injecting, one)) refused_.try_now(one.owner, mono_now());
  }
  refused_.keep_only(owners);
}

}  // namespace gateway
