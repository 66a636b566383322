// The places of one worker's connections in a connection_book, by address, and who gives one up when all are taken: of the address that
// holds most of them here, the connection that has been longest without a finished request – its head or content is not whole, it idles, it
// does not take its answer. Whose request has been received whole and is being answered does not give way.
// A finished request costs its connection a move to the end of a list, and nothing else is done on the way of a hit.
// Thread rule: belongs to one worker; a worker that has nobody to ask posts to the one that has most. Time rule: told `now`.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <map>
#include <optional>

#include "core/auth/client.hpp"
#include "io/net/connection_book.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class connection_places;

// One connection's, given back at the end of the scope. It has been taken in the book before.
class connection_place : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  // `bounded`: it counts in the book for its address, too.
  connection_place(connection_places& all, const client& who, bool bounded, mono_time now);
  connection_place(const connection_place&) = delete;
  connection_place& operator=(const connection_place&) = delete;
  ~connection_place();

  // It turns out to be somebody else's; false if that address has too many.
  bool pass_to(const client& who, mono_time now);

  // Somebody else has it now.
  [[nodiscard]] bool is_given_up() const { return of_ == nullptr; }
  // Who is asked to stop; null: nobody can be asked.
  void held_by(timed* holder) { holder_ = holder; }
  // A request has been received whole: until it is finished it does not give way.
  void answering() { unlink(); }
  void finished(mono_time now);

private:
  friend class connection_places;
  struct address;

  void leave();

  connection_places& all_;
  address* of_;  // null: it has been given up
  bool bounded_;
  timed* holder_ = nullptr;
  mono_time since_;  // without a finished request
};

// All that came from one address group, or from one user of this machine.
struct connection_place::address : boost::intrusive::set_base_hook<> {
  address_group who{};
  std::uint64_t places = 0;
  boost::intrusive::list<connection_place, boost::intrusive::constant_time_size<false>> unfinished;  // the longest first

  friend bool operator<(const address& a, const address& b) { return a.places > b.places; }
};

class connection_places {
public:
  // Before any worker of that book runs.
  connection_places(worker& at, connection_book& in) : at_(at), book_(in) { book_.keepers.push_back(this); }
  connection_places(const connection_places&) = delete;
  connection_places& operator=(const connection_places&) = delete;

  [[nodiscard]] connection_book& book() { return book_; }

  // A place in the book for one more connection, somebody else's if need be; false if all are taken, and nobody who was asked gives way.
  bool take();

private:
  // Somebody gives up a place, which is free from now on. Bounded, since a flood calls it.
  bool make_room();
  // One too many for a moment: the worker that has most connections is asked to make room.
  bool borrow();

  friend class connection_place;
  using address = connection_place::address;

  address& enter(const client& who);
  void leave(address& from);
  void resize(address& one, std::uint64_t places);

  worker& at_;
  connection_book& book_;
  std::atomic<std::uint64_t> count_{0};            // of all; others read it
  std::map<address_group, address> addresses_;     // that are connected
  boost::intrusive::multiset<address> by_places_;  // the same, who holds most first; of equal ones who has been looked at longest ago
};

}  // namespace gateway
