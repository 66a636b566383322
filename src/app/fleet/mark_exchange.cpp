#include "app/fleet/mark_exchange.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/text.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Older than this, what is known of the marks is not trusted any more: two beats did not come through.
constexpr std::chrono::milliseconds longest_unseen{1000};
// Confirmed erasures that wait to be told.
constexpr std::size_t most_confirmed = 4096;

}  // namespace

mark_exchange::mark_exchange(worker& home, engine& link, const fleet_keys& keys, std::string_view name_space, const mark_parts& parts,
                             const std::string& journal, file_thread& files, bool shares)
    : home_(home),
      link_(link),
      keys_(keys),
      names_(name_space),
      parts_(parts),
      replica_(random_id()),
      shares_(shares),
      erased_(std::make_shared<erased_here>()),
      woken_(std::make_shared<sleeper>(home.get_executor())),
      journal_(home, files, journal),
      looked_at_(mono_now().time_since_epoch().count()) {
  if (auto const left = journal_.read()) restore(*left);
}

// The snapshot follows all marks up to the journal's version, so only newer ones are applied to what is loaded from it.
void mark_exchange::restore(const mark_journal& from) {
  safe_.incarnation = incarnation_ = from.incarnation;
  safe_.version = from.version;
  version_ = from.version;
  for (auto const& one : from.pending) {
    auto const plain = keys_.seal().open(seal_kind, one.name, one.sealed);
    auto const what = plain ? fleet_mark::parse(*plain) : std::nullopt;
    if (!what) {
      log_warning("fleet: the journal has a mark that no key in fleet.key_file opens: repeat the purge that it stands for");
      continue;
    }
    table_.begin(*what);
    pending_.add(*what, one.name, one.sealed);
  }
  if (!from.pending.empty()) log_info("fleet: {} mark(s) from before the restart are told to the fleet", from.pending.size());
}

bool mark_exchange::is_current() const {
  return caught_up_.load(std::memory_order_acquire) && !must_catch_up_ && mono_now() - looked_at() < longest_unseen;
}

std::uint64_t mark_exchange::newest(const cache_key& key, const std::optional<account_sid>& account) const {
  std::lock_guard const lock{mutex_};
  return table_.newest(key.call, key.owner, account);
}

std::string mark_exchange::sealed(const std::string& plain, const std::string& name) const {
  seal_nonce nonce;
  fill_with_random(nonce.data(), nonce.size());
  return keys_.seal().close(seal_kind, name, nonce, plain);
}

std::vector<std::string> mark_exchange::others(std::size_t most) const {
  std::lock_guard const lock{mutex_};
  std::vector<std::string> all;
  std::ranges::copy_if(members_, std::back_inserter(all), [this](const std::string& one) { return one != replica_; });
  if (all.size() > most) all.resize(most);
  return all;
}

// The table of erased parties is full: then everything goes.
void mark_exchange::follow_erasure(const digest& who) {
  auto const confirm = [done = erased_, wakes = woken_, who](std::uint64_t taken) {
    {
      std::lock_guard const lock{done->mutex};
      if (done->all.size() < most_confirmed) done->all.push_back({who, taken});
    }
    wakes->wake();
  };
  if (parts_.eraser.begin(who, mono_now(), confirm)) return;
  parts_.cache.follow_purge({}, purge_depth::hard);
  confirm(0);
}

std::uint64_t mark_exchange::tell(fleet_mark what) {
  std::uint64_t number = 0;
  {
    std::lock_guard const lock{mutex_};
    if (pending_.is_full()) {  // defence: pending-bounded
      what = pending_.sum_with(what);
      for (auto const& one : pending_.all()) table_.end(one.what);
    }
    auto const name = keys_.name_of(seal_kind, what.text());
    table_.begin(what);
    number = pending_.add(what, name, sealed(what.text(), name));
  }
  woken_->wake();
  return number;
}

telling mark_exchange::state_of(std::uint64_t number) const {
  std::lock_guard const lock{mutex_};
  if (pending_.confirmed() >= number) return telling::done;
  return failed_ >= number && journal_.has(number) ? telling::pending : telling::waiting;
}

void mark_exchange::on_connect() {
  lose_track();
  woken_->wake();
}

void mark_exchange::lose_track() {
  caught_up_.store(false, std::memory_order_release);
  must_catch_up_.store(true, std::memory_order_release);
}

void mark_exchange::apply(const fleet_mark& what) {
  switch (what.kind) {
    case mark_kind::refused:
      return parts_.visible.follow_refusal(what.owner(), mono_now());
    case mark_kind::changed:
      return parts_.cache.note_change(*what.scope().call);
    case mark_kind::erased:
      return follow_erasure(what.party());
    default:
      parts_.polled.purge(what.scope(), mono_now());
      parts_.cache.follow_purge(what.scope(), what.depth());
  }
}

// Marks were dropped before this gateway had read them, so it cannot tell which of its entries they are about.
void mark_exchange::apply_missed(const mark_floors& floors) {
  bool const erases = floors.believed > version();
  if (version() > 0) log_entry(logbook_kind::marks_missed, {{"consequence", erases ? "emptied" : "old now"}});
  parts_.polled.purge({}, mono_now());
  parts_.cache.follow_purge({}, erases ? purge_depth::hard : purge_depth::soft);
}

told_mark mark_exchange::for_engine(const fleet_mark& what, const written_mark& as) const {
  told_mark made;
  made.name = as.name;
  made.version = as.version;
  made.sealed = as.sealed;
  made.lifts_floor = lifts_floor(what);
  made.ends_leases = what.kind == mark_kind::erased;
  made.needs_sweep = what.erases() && !what.is_about_call() && what.kind != mark_kind::refused;
  if (what.is_about_call()) made.call = names_.call(keys_.name_of("call", what.subject));
  return made;
}

std::vector<told_mark> mark_exchange::known_above(std::uint64_t version) const {
  std::lock_guard const lock{mutex_};
  std::vector<told_mark> page;
  for (auto const& one : table_.above(version, marks_per_page)) page.push_back(for_engine(one.what, one.written));
  return page;
}

std::vector<told_mark> mark_exchange::first_pending(std::uint64_t& last) const {
  std::lock_guard const lock{mutex_};
  std::vector<told_mark> page;
  for (auto const& one : pending_.all()) {
    if (page.size() == marks_per_page) break;
    page.push_back(for_engine(one.what, {one.name, 0, one.sealed}));
    last = one.number;
  }
  return page;
}

void mark_exchange::settle(const told_answer& told, std::uint64_t last) {
  std::lock_guard const lock{mutex_};
  auto version = told.versions.begin();
  for (auto const& one : pending_.all()) {
    if (one.number > last || version == told.versions.end()) break;
    table_.merge({one.name, *version++, one.sealed}, one.what);
    table_.end(one.what);
  }
  pending_.confirm(last);
}

mark_figures mark_exchange::figures() const {
  mark_figures now;
  now.is_shared = shares_;
  for (std::size_t i = 0; i < mark_subject_count; ++i) now.applied[i] = applied_[i].load(std::memory_order_relaxed);
  now.unreadable = unreadable_.load(std::memory_order_relaxed);
  now.version = version();
  now.lag_seconds = std::chrono::duration<double>(mono_now() - looked_at()).count();
  now.is_current = is_current();
  now.replica = replica_;
  std::lock_guard const lock{mutex_};
  now.pending = pending_.all().size();
  now.members = members_;
  return now;
}

}  // namespace gateway
