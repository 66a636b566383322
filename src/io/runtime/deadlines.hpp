// Deadlines of many connections watched by one coarse timer: moving a deadline is one store, which a timer of its own per
// operation would make an expensive heap update (the largest single cost of naive servers).
// Thread rule: a list and everything in it belong to one worker. Time rule: sweep takes `now`; lateness is at most one tick.
#pragma once

#include <boost/intrusive/list.hpp>

#include "core/base/time.hpp"

namespace gateway {

class deadline_list;

// Something that ends when its deadline passes. In the list for as long as it lives.
class timed : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  static constexpr mono_time never = mono_time::max();

  explicit timed(deadline_list& list);
  virtual ~timed() = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;

  mono_time deadline = never;

  virtual void on_deadline() = 0;             // called once for each deadline set; may set the last one, may destroy others, not itself
  virtual void on_drain() {}                  // the process wants to end: stop if nothing is under way
  virtual bool make_room() { return false; }  // its slot is needed for another connection: true if it is about to end
};

class deadline_list {
public:
  static constexpr std::chrono::milliseconds tick{20};

  void add(timed& one) { all_.push_back(one); }
  void sweep(mono_time now);
  void drain();   // on_drain of all
  void expire();  // on_deadline of all, whatever their deadline, to the last one

private:
  boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>> all_;
};

}  // namespace gateway
