// The slots of one worker's connections in a connection_limiter, by address, and which connection gives its slot up when all are taken: of
// the address that holds most of them here, the connection that has been longest without a finished request – its head or content is not
// whole, it idles, it does not take its answer. Whose request has been received whole and is being answered does not give way. A finished
// request costs its connection a move to the end of a list, and nothing else is done on the way of a hit. Thread rule: belongs to one
// worker; a worker without a connection to ask posts to the one that has most. Time rule: `now` is an argument.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <map>
#include <optional>

#include "core/auth/client.hpp"
#include "io/net/connection_limiter.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class connection_slots;

// One connection's, given back at the end of the scope. It has been taken in the book before.
class connection_slot : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  // `bounded`: it counts in the book for its address, too.
  connection_slot(connection_slots& all, const client& who, bool bounded, mono_time now);
  connection_slot(const connection_slot&) = delete;
  connection_slot& operator=(const connection_slot&) = delete;
  ~connection_slot();

  // The connection turns out to be another client's; false if that address has too many.
  bool pass_to(const client& who, mono_time now);

  // Another connection has it now.
  [[nodiscard]] bool is_given_up() const { return of_ == nullptr; }
  // The connection that is asked to stop; null: it cannot be asked.
  void held_by(timed* holder) { holder_ = holder; }
  // A request has been received whole: until it is finished it does not give way.
  void answering() { unlink(); }
  void finished(mono_time now);

private:
  friend class connection_slots;
  struct address;

  void leave();

  connection_slots& all_;
  address* of_;  // null: it has been given up
  bool bounded_;
  timed* holder_ = nullptr;
  mono_time since_;  // without a finished request
};

// All that came from one address group, or from one user of this machine.
struct connection_slot::address : boost::intrusive::set_base_hook<> {
  address_group who{};
  std::uint64_t places = 0;
  boost::intrusive::list<connection_slot, boost::intrusive::constant_time_size<false>> unfinished;  // the longest first

  friend bool operator<(const address& a, const address& b) { return a.places > b.places; }
};

class connection_slots {
public:
  // Before any worker of that book runs.
  connection_slots(worker& at, connection_limiter& in) : at_(at), limiter_(in) { limiter_.keepers.push_back(this); }
  connection_slots(const connection_slots&) = delete;
  connection_slots& operator=(const connection_slots&) = delete;

  [[nodiscard]] connection_limiter& limiter() { return limiter_; }

  // A slot for one more connection, another connection's if need be; false if all are taken and no connection that was asked gives way.
  bool take();

private:
  // A connection gives up its slot, which is free from now on. Bounded, since a flood calls it.
  bool make_room();
  // One too many for a moment: the worker that has most connections is asked to make room.
  bool borrow();

  friend class connection_slot;
  using address = connection_slot::address;

  address& enter(const client& who);
  void leave(address& from);
  void resize(address& one, std::uint64_t places);

  worker& at_;
  connection_limiter& limiter_;
  std::atomic<std::uint64_t> count_{0};         // of all; others read it
  std::map<address_group, address> addresses_;  // that are connected
  boost::intrusive::multiset<address>
      by_places_;  // the same, the address with most slots first; of equal ones the one that was asked longest ago
};

}  // namespace gateway
