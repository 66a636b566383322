#include "app/server/fleet_member.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/text.hpp"
#include "core/settings/upstreams.hpp"

namespace gateway {
namespace {

// Of the time for the end, what the link's own takes.
constexpr std::chrono::milliseconds link_time{500};

// The second tier is safe only with the marks.
bool needs_marks(const fleet_settings& from) {
  return from.shares(fleet_share::marks) || from.shares(fleet_share::cache) || from.shares(fleet_share::flights);
}

std::string journal_of(const snapshot_settings& from) { return from.file.empty() ? std::string{} : from.file + ".fleet"; }

}  // namespace

fleet_member::fleet_member(const settings& values, const fleet_keys& keys, worker& control, shared_state& shared, file_thread& files,
                           std::uint64_t seed)
    : control_(control),
      shares_marks_(needs_marks(values.fleet)),
      link_(values, seed),
      marks_(control, link_.link(), keys, values.fleet.name_space,
             {shared.cache, shared.visible, shared.disk, shared.polled, shared.eraser}, journal_of(values.snapshot), files, shares_marks_) {
  tier_rules const tier{values.fleet.shares(fleet_share::cache), values.fleet.shares(fleet_share::flights)};
  if (tier.cache || tier.flights) tier_ = std::make_unique<shared_tier>(link_.link(), keys, marks_, values.fleet.name_space, tier);
  if (values.fleet.shares(fleet_share::limit)) {
    budget_place const where{engine_keys{values.fleet.name_space}, "", marks_.replica()};
    auto const add = [&](std::string_view name, upstream_permits& permits, const std::string& upstream) {
      auto made = std::make_unique<shared_limit>(link_.lane(), link_.link(), permits, keys, where, upstream);
      budgets_.push_back({std::string{shown_upstream(name)}, std::move(made)});
    };
    quotas_ = std::make_unique<shared_quotas>(link_.lane(), link_.link(), shared.quotas, keys, quota_place{where.keys, "", where.replica});
    add("", shared.permits, "");
    budgets_.front().budget->on_state([this](const fleet_state& fleet) { quotas_->set_fleet(fleet); });
    for (auto const& one : shared.named)
      add(one->scope.name, one->permits, hex_of(view_of(one->scope.sharers)));  // defence: budget-of-upstream
  }
  link_.listen([this](std::string_view message) { hear(message); }, [this] { note_connection(); });
  if (!shares_marks_) return;
  shared.notices = &marks_;
  shared.visible.tell_refusals(&marks_);
}

void fleet_member::hear(std::string_view message) {
  marks_.on_message(message);
  if (tier_) tier_->heard(message);
  for (auto const& one : budgets_) one.budget->take_message(message);
}

void fleet_member::note_connection() {
  marks_.on_connect();
  for (auto const& one : budgets_) one.budget->engine_connected();
}

void fleet_member::start(std::function<void()> ended) {
  if (quotas_) quotas_->begin();
  for (auto const& one : budgets_) one.budget->begin(control_.config.fleet.timeout);
  link_.start(std::move(ended));
  control_.start_task("marks", marks_.run());
}

void fleet_member::end(mono_time latest) {
  for (auto const& one : budgets_) one.budget->end();
  if (!quotas_) return link_.end(latest);
  quotas_->end(latest - link_time, [this, latest] { link_.end(latest); });
}

bool fleet_member::join() {
  if (!link_.has_ended()) return false;
  link_.join();
  return !link_.left_work();
}

std::optional<std::uint64_t> fleet_member::purge(const purge_scope& what, purge_depth how) {
  if (!shares_marks_) return std::nullopt;
  return marks_.purge(what, how);
}

std::optional<std::uint64_t> fleet_member::erase(const digest& who) {
  if (!shares_marks_) return std::nullopt;
  return marks_.erase(who);
}

void fleet_member::add_figures(metrics_snapshot& to) const {
  to.engine = link_.figures();
  to.marks = marks_.figures();
  to.budget = budgets();
}

std::optional<budget_figures> fleet_member::budgets() const {
  std::optional<budget_figures> all;
  for (auto const& one : budgets_) {
    auto made = one.budget->figures();
    for (auto& circuit : made.circuits) circuit.upstream = budgets_.size() > 1 ? one.shown : "";
    if (all) std::ranges::move(all->circuits, std::back_inserter(made.circuits));
    all = std::move(made);
  }
  return all;
}

std::string fleet_member::report() const { return link_.report(marks_.figures(), budgets()); }

}  // namespace gateway
