// The slots of one worker's connections in a connection_limiter, by address. When all slots are taken, one connection gives its slot up: of
// the address that holds most slots here, the connection that has been longest without a finished request. Its head or content is
// incomplete, it is idle, or its client does not read the answer. A connection whose request is complete and being answered keeps its slot.
// On the hit path, a finished request costs its connection only a move to the end of a list.
// Thread rule: belongs to one worker; a worker without a connection to ask posts to the worker that has most. Time rule: `now` is an
// argument.
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

// One connection's slot, given back at the end of the scope. connection_slots::take() has counted it before.
class connection_slot : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  // `bounded`: it also counts against the limit of its address.
  connection_slot(connection_slots& all, const client& who, bool bounded, mono_time now);
  connection_slot(const connection_slot&) = delete;
  connection_slot& operator=(const connection_slot&) = delete;
  ~connection_slot();

  // The connection belongs to another client, by its PROXY header; false if that client's address has too many.
  bool pass_to(const client& who, mono_time now);

  // Another connection has the slot now.
  [[nodiscard]] bool is_given_up() const { return of_ == nullptr; }
  // The connection to ask when the slot is needed; null: it cannot be asked.
  void held_by(timed* holder) { holder_ = holder; }
  // A request has been received whole: the connection keeps its slot until the request is finished.
  void answering() { unlink(); }
  void finished(mono_time now);

private:
  friend class connection_slots;
  struct address;

  void leave();

  connection_slots& all_;
  address* of_;  // null: the slot has been given up
  bool bounded_;
  timed* holder_ = nullptr;
  mono_time since_;  // the start of its time without a finished request
};

// All connections of one address group, or of one user of this machine.
struct connection_slot::address : boost::intrusive::set_base_hook<> {
  address_group who{};
  std::uint64_t places = 0;
  boost::intrusive::list<connection_slot, boost::intrusive::constant_time_size<false>> unfinished;  // the longest unfinished first

  friend bool operator<(const address& a, const address& b) { return a.places > b.places; }  // defence: heaviest-address
};

class connection_slots {
public:
  // Construct it before any worker of that limiter runs.
  connection_slots(worker& at, connection_limiter& in) : at_(at), limiter_(in) { limiter_.keepers.push_back(this); }
  connection_slots(const connection_slots&) = delete;
  connection_slots& operator=(const connection_slots&) = delete;

  [[nodiscard]] connection_limiter& limiter() { return limiter_; }

  // Takes a slot for one more connection, from another connection if necessary; false if all are taken and no asked connection closes.
  bool take();

private:
  // Frees the slot of one connection. The number of connections asked is bounded, since a flood calls this.
  bool make_room();
  // Exceeds the limit for a moment: the worker with most connections is asked to free a slot.
  bool borrow();

  friend class connection_slot;
  using address = connection_slot::address;

  address& enter(const client& who);
  void leave(address& from);
  void resize(address& one, std::uint64_t places);

  worker& at_;
  connection_limiter& limiter_;
  std::atomic<std::uint64_t> count_{0};            // of all addresses; other workers read it
  std::map<address_group, address> addresses_;     // addresses with connections
  boost::intrusive::multiset<address> by_places_;  // the same addresses, most slots first; among equals, the one asked longest ago
};

}  // namespace gateway
