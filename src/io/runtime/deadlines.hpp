// Watches the deadlines of many connections with one coarse timer: moving a deadline is one store. A timer per operation would need a heap
// update each time, the largest single cost of naive servers.
// Thread rule: a list and everything in it belong to one worker. Time rule: sweep takes `now`; lateness is at most one tick.
#pragma once

#include <boost/intrusive/list.hpp>

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

  mono_time deadline = never;

  virtual void on_deadline() = 0;  // called once for each deadline set; may set one last deadline; may destroy others, not itself
  virtual void on_drain() {}       // the process is about to end: stop if nothing is in progress
  virtual bool make_room() { return false; }  // another connection needs its slot: true if it is about to end
};

class deadline_list {
public:
  static constexpr std::chrono::milliseconds tick{20};

  void add(timed& one) { all_.push_back(one); }
  void sweep(mono_time now);
  void drain();   // on_drain of all
  void expire();  // on_deadline of all, due or not; again if it sets another deadline

private:
  boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>> all_;
};

}  // namespace gateway
