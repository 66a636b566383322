// Watches the deadlines of many connections with one timer: setting a deadline is a store and a comparison. A timer per operation would
// need a heap update each time, the largest single cost of naive servers. The timer runs at the earliest deadline, so an idle worker
// sleeps. Thread rule: a list and everything in it belong to one worker. Time rule: sweep takes `now`; lateness is at most one tick.
#pragma once

#include <boost/intrusive/list.hpp>
#include <functional>

#include "core/base/time.hpp"

namespace gateway {

class deadline_list;

// An object that ends when its deadline passes. It is in the list for its lifetime.
class timed : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  static constexpr mono_time never = mono_time::max();

  explicit timed(deadline_list& list);
  virtual ~timed() = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;

  [[nodiscard]] mono_time deadline() const { return deadline_; }
  inline void set_deadline(mono_time at);

  virtual void on_deadline() = 0;             // called once for each deadline set; may set another deadline; may destroy others, not itself
  virtual void on_drain() {}                  // the process is about to end: stop if nothing is in progress
  virtual bool make_room() { return false; }  // another connection needs its slot: true if it is about to end

private:
  friend class deadline_list;
  deadline_list& list_;
  mono_time deadline_ = never;
};

class deadline_list {
public:
  static constexpr std::chrono::milliseconds tick{20};

  // Ends the deadlines that have passed. Returns when the next one does, as far as is known now.
  mono_time sweep(mono_time now);
  void drain();   // on_drain of all
  void expire();  // on_deadline of all, due or not, until none sets another deadline

  // When the next sweep is due. `changed` is called when that moment comes closer, and by nudge().
  [[nodiscard]] mono_time due() const { return due_; }
  void watch(std::function<void()> changed) { changed_ = std::move(changed); }
  void nudge() const {
    if (changed_) changed_();
  }

private:
  friend class timed;

  boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>> all_;
  mono_time due_ = timed::never;
  std::function<void()> changed_;
};

// A deadline that moves away costs no more than a store: the sweep at the earlier moment finds that it is not due.
inline void timed::set_deadline(mono_time at) {
  deadline_ = at;
  if (at >= list_.due_) return;
  list_.due_ = at;
  list_.nudge();
}

}  // namespace gateway
