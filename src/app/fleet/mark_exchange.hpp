// Keeps the marks of this gateway and of its fleet alike: what is erased, refused or changed here is written to the engine, and what others
// wrote there is applied to the cache here. It learns of others' marks by the feed, and looks at their version with each beat, because
// messages may be lost. After each connection it first writes what the engine may have lost and reads everything.
// Thread rule: any thread, but run() and what only it uses belong to the control worker.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/fleet/fleet_marks.hpp"
#include "app/fleet/journal_writer.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/fleet_notices.hpp"
#include "app/state/party_eraser.hpp"
#include "app/state/polled_calls.hpp"
#include "app/state/shared_cache.hpp"
#include "app/state/snapshot_guard.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/fleet/mark_figures.hpp"
#include "core/fleet/mark_scripts.hpp"
#include "core/fleet/mark_table.hpp"
#include "core/fleet/pending_marks.hpp"
#include "core/fleet/told_event.hpp"
#include "io/fleet/engine.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

// What marks are applied to.
struct mark_parts {
  shared_cache& cache;
  authorized_cache& visible;
  const snapshot_guard& disk;
  polled_calls& polled;
  party_eraser& eraser;
};

// Parties that were erased here, for the gateways that wait for it. The eraser's thread adds to it.
struct erased_here {
  static constexpr int all_tells = 3;
  struct one {
    digest who{};
    std::uint64_t taken = 0;
    int tells = all_tells;  // still to come
    bool is_due = false;    // is being told
  };
  std::mutex mutex;
  std::vector<one> all;  // protected by mutex
};

class mark_exchange final : public fleet_marks, public fleet_notices {
public:
  // The keys outlive it. `journal`: the file beside the snapshot; "": there is none. `shares`: false: it only beats.
  mark_exchange(worker& home, engine& link, const fleet_keys& keys, std::string_view name_space, const mark_parts& parts,
                const std::string& journal, file_thread& files, bool shares = true);

  // --- fleet_marks
  [[nodiscard]] bool is_current() const override;
  [[nodiscard]] std::uint64_t version() const override { return version_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t newest(const cache_key& key, const std::optional<account_sid>& account) const override;
  [[nodiscard]] std::string replica() const override { return replica_; }

  // --- fleet_notices
  void refused(const partition& owner) override { tell(fleet_mark::of_refusal(owner)); }
  void refused_unknown(const partition& owner) override;
  void changed(const call_sid& call) override { tell(fleet_mark::of_change(call)); }
  void event(std::uint64_t number, const call_event& what) override;
  // Takes what other gateways were told by Twilio, on the feed's thread. Before run().
  void on_event(std::function<void(const told_event&)> take) { take_event_ = std::move(take); }

  // --- purges, for the operator
  // Call it before the entries are erased here. Returns a number for state_of().
  std::uint64_t purge(const purge_scope& what, purge_depth how) { return tell(fleet_mark::of_purge(what, how)); }
  [[nodiscard]] telling state_of(std::uint64_t number) const;

  // --- erased parties, for the operator
  std::uint64_t erase(const digest& who) { return tell(fleet_mark::of_erasure(who)); }
  // Whether the engine has nothing any more that was there before that mark.
  [[nodiscard]] bool is_swept(std::uint64_t number) const { return swept_.load(std::memory_order_acquire) >= number; }
  // The other living gateways, at most so many.
  [[nodiscard]] std::vector<std::string> others(std::size_t most) const;
  // Takes what other gateways have erased: the party, the gateway, and how many answers. On the feed's thread, before run().
  using erased_by = std::function<void(const digest&, const std::string&, std::uint64_t)>;
  void on_erased(erased_by take) { take_erased_ = std::move(take); }

  // --- what the link to the engine reports
  void on_connect();
  void on_message(std::string_view message);

  // Beats, tells and reads until the worker ends. The last round is the one that stop() wakes.
  task<void> run();
  void stop() { woken_->wake(); }

  [[nodiscard]] mark_figures figures() const;

private:
  static constexpr std::string_view seal_kind = "mark";

  std::uint64_t tell(fleet_mark what);
  [[nodiscard]] mono_time looked_at() const { return mono_time{mono_time::duration{looked_at_.load(std::memory_order_acquire)}}; }
  [[nodiscard]] std::string sealed(const std::string& plain, const std::string& name) const;
  void restore(const mark_journal& from);
  void lose_track();

  // One round. Each step says whether the engine did its part.
  task<void> take_round(bool beats);
  task<bool> beat();
  task<bool> catch_up();
  task<std::string> write_again();
  task<bool> tell_pending();
  task<void> ask_others();
  task<bool> publish(std::vector<std::string> messages);
  task<bool> tell_events();
  void keep_events(std::vector<std::string> untold);
  task<void> tell_erased(bool beats);
  task<bool> read_above(std::uint64_t above, std::string incarnation);
  task<void> sweep();
  void begin_sweep();
  void take(const read_answer& page, std::uint64_t applied);
  void end_reading(const mark_state& now);
  void hear_refusal(std::string_view sealed);
  void hear_event(std::string_view sealed) const;
  void hear_erased(std::string_view sealed) const;
  void follow_erasure(const digest& who);
  void apply(const fleet_mark& what);
  void apply_missed(const mark_floors& floors);
  [[nodiscard]] std::string another_incarnation() const;
  [[nodiscard]] std::vector<told_mark> known_above(std::uint64_t version) const;
  [[nodiscard]] std::vector<told_mark> first_pending(std::uint64_t& last) const;
  [[nodiscard]] told_mark for_engine(const fleet_mark& what, const written_mark& as) const;
  void settle(const told_answer& told, std::uint64_t last);
  void keep_journal();

  worker& home_;
  engine& link_;
  const fleet_keys& keys_;
  const engine_keys names_;
  const mark_parts parts_;
  const std::string replica_;
  const bool shares_;
  std::function<void(const told_event&)> take_event_;
  erased_by take_erased_;
  const std::shared_ptr<erased_here> erased_;
  const std::shared_ptr<sleeper> woken_;
  journal_writer journal_;

  std::atomic<std::uint64_t> version_{0};  // every mark up to it is applied here
  std::atomic<mono_time::rep> looked_at_;  // the last beat that found nothing unread
  std::atomic<bool> caught_up_{false};     // since the last connection
  std::atomic<bool> must_catch_up_{true};  // the engine may have lost marks, or have any number of new ones
  std::atomic<bool> is_behind_{false};     // the engine has a newer mark
  std::array<std::atomic<std::uint64_t>, mark_subject_count> applied_{};
  std::atomic<std::uint64_t> unreadable_{0};
  std::atomic<std::uint64_t> swept_{0};  // the highest number of a mark that a sweep began after

  mutable std::mutex mutex_;  // protects these
  mark_table table_;
  pending_marks pending_;
  std::uint64_t failed_ = 0;  // the highest number that the engine did not take at the last attempt
  std::vector<std::string> members_;
  std::vector<std::string> asked_;   // messages about refused credentials that this gateway does not know
  std::vector<std::string> events_;  // messages about events

  // On the control worker only.
  std::string incarnation_;
  mark_journal safe_;  // what the snapshot on disk follows
  bool sweeps_ = false;
  bool must_sweep_ = false;
  std::uint64_t must_sweep_for_ = 0;  // the number of the last mark that needs it
};

}  // namespace gateway
