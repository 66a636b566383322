#include "io/upstream/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {
namespace {

using addresses = resolver::addresses;

struct lookup_answer {
  addresses found;
  std::string why_not;  // "": found
};

lookup_answer ask_system(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  lookup_answer result;
  if (auto const error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list); error != 0) {
    result.why_not = ::gai_strerror(error);
    return result;
  }
  for (auto const* one = list; one != nullptr; one = one->ai_next) {
    asio::ip::tcp::endpoint where;
    if (one->ai_addrlen > where.capacity()) continue;
    where.resize(one->ai_addrlen);
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen, reinterpret_cast<char*>(where.data()));
    result.found.push_back(where);
  }
  ::freeaddrinfo(list);
  if (result.found.empty()) result.why_not = "it has no address";
  return result;
}

// Alternates the address families, starting with the first, in the order of the system.
addresses interleaved(const addresses& sorted) {
  addresses families[2];
  for (auto const& one : sorted) families[one.protocol() == sorted.front().protocol() ? 0 : 1].push_back(one);
  addresses all;
  for (std::size_t i = 0; all.size() < sorted.size(); ++i) {
    for (auto const& family : families) {
      if (i < family.size()) all.push_back(family[i]);
    }
  }
  return all;
}

std::string text_of(const addresses& all) {
  std::string text;
  for (auto const& one : all) text.append(text.empty() ? "" : ", ").append(one.address().to_string());
  return text;
}

}  // namespace

// Owned by the resolver and by the thread of a lookup, which may outlive it.
struct resolver::state : std::enable_shared_from_this<resolver::state> {
  state(const origin& where, const name_lifetime& values) : host(where.host), port(where.port), lifetime(values) {}

  // All but the lookup itself is called with the mutex held.
  void begin_lookup(mono_time now);
  void look_up();
  void take(lookup_answer came);
  void enter_move(const addresses& before) const;
  void prefer_good();
  void wake_all() {
    for (auto const& one : std::exchange(waiting, {})) one->wake();
  }

  const std::string host;
  const std::uint16_t port;
  std::mutex mutex;
  name_lifetime lifetime;
  addresses known;
  asio::ip::tcp::endpoint good;            // the last one that worked
  mono_time looked_up = mono_time::min();  // the lookup that gave the known addresses
  mono_time began{};                       // the last lookup
  mono_time failed{};                      // the last lookup that failed
  std::string why_not;                     // the last lookup failed; "": it succeeded
  mono_time failing_since{};               // if it failed
  bool is_literal = false;
  bool looking_up = false;
  bool closed = false;
  std::vector<std::shared_ptr<sleeper>> waiting;  // until the lookup ends
};

namespace {

// A task waits for the lookup under way; whatever ends the task, it leaves the list.
template <class State>
class wait_in {
public:
  wait_in(State& whose, const executor& where) : of_(whose), sleeps_(std::make_shared<sleeper>(where)) { of_.waiting.push_back(sleeps_); }
  wait_in(const wait_in&) = delete;
  wait_in& operator=(const wait_in&) = delete;
  ~wait_in() {
    std::lock_guard const lock{of_.mutex};
    std::erase(of_.waiting, sleeps_);
  }
  task<bool> until(mono_time deadline) { return sleeps_->sleep_until(deadline); }

private:
  State& of_;
  std::shared_ptr<sleeper> sleeps_;
};

}  // namespace

resolver::resolver(const origin& where, const name_lifetime& lifetime) : state_(std::make_shared<state>(where, lifetime)) {
  error_code not_an_address;
  auto const literal = asio::ip::make_address(where.host, not_an_address);
  if (not_an_address) return;
  state_->known.emplace_back(literal, where.port);
  state_->is_literal = true;
}

resolver::~resolver() { close(); }

void resolver::close() {
  std::lock_guard const lock{state_->mutex};
  state_->closed = true;
  state_->wake_all();
}

task<addresses> resolver::find(executor where, mono_time deadline) {
  auto const of = state_;
  std::optional<wait_in<state>> waits;
  auto until = mono_time::min();
  {
    std::lock_guard const lock{of->mutex};
    auto const now = mono_now();
    if (of->is_literal || of->closed) co_return of->known;
    bool const is_due = of->known.empty() || of->lifetime.is_due(of->looked_up, now);
    if (is_due && now >= of->failed + name_lifetime::pause) of->begin_lookup(now);
    // defence: old-answer-used
    if (of->looking_up) until = of->known.empty() ? deadline : of->lifetime.waits_until(of->looked_up, now, deadline);
    if (until > now) waits.emplace(*of, where);
  }
  if (waits) co_await waits->until(until);
  std::lock_guard const lock{of->mutex};
  co_return of->known;
}

task<addresses> resolver::find_others(executor where, addresses tried, mono_time deadline) {
  auto const of = state_;
  std::optional<wait_in<state>> waits;
  {
    std::lock_guard const lock{of->mutex};
    if (of->is_literal || of->closed) co_return addresses{};
    auto const now = mono_now();
    if (now >= of->began + name_lifetime::pause) of->begin_lookup(now);
    if (of->looking_up) waits.emplace(*of, where);  // defence: failed-connect-waits
  }
  if (waits) co_await waits->until(deadline);
  std::lock_guard const lock{of->mutex};
  auto others = of->known;
  std::erase_if(others, [&](const auto& one) { return std::ranges::find(tried, one) != tried.end(); });
  co_return others;
}

void resolver::prefer(const asio::ip::tcp::endpoint& good) {
  std::lock_guard const lock{state_->mutex};
  state_->good = good;
  state_->prefer_good();
}

void resolver::set_lifetime(const name_lifetime& lifetime) {
  std::lock_guard const lock{state_->mutex};
  state_->lifetime = lifetime;
}

void resolver::state::prefer_good() {
  auto const at = std::ranges::find(known, good);
  if (at != known.end()) std::rotate(known.begin(), at, at + 1);
}

void resolver::state::begin_lookup(mono_time now) {
  if (std::exchange(looking_up, true)) return;
  began = now;
  try {
    std::thread{[self = shared_from_this()] { self->look_up(); }}.detach();
  } catch (const std::system_error& no_thread) {
    lookup_answer none;
    none.why_not = no_thread.what();
    take(std::move(none));
  }
}

void resolver::state::look_up() {
  auto came = ask_system(host, port);
  std::lock_guard const lock{mutex};
  if (!closed) take(std::move(came));
}

void resolver::state::take(lookup_answer came) {
  looking_up = false;
  if (came.why_not.empty()) {
    auto const before = std::exchange(known, interleaved(came.found));  // defence: families-interleaved
    prefer_good();                                                      // defence: good-address-first
    looked_up = mono_now();
    log_debug("host {} has the addresses {}", host, text_of(known));
    enter_move(before);
    if (!std::exchange(why_not, {}).empty())
      log_entry(logbook_kind::name_resolved, {{"host", host}, {"lasted_ms", looked_up - failing_since}});
  } else {
    // defence: old-addresses
    auto const* const consequence = known.empty() ? "no address is known" : "its old addresses are used";
    if (why_not != came.why_not)
      log_entry(logbook_kind::name_unresolved, {{"host", host}, {"cause", came.why_not}, {"consequence", consequence}});
    failed = mono_now();  // defence: lookup-pause
    if (why_not.empty()) failing_since = failed;
    why_not = std::move(came.why_not);
  }
  wake_all();
}

// A name with many addresses gives others each time: only a set without any of the earlier ones is entered.
void resolver::state::enter_move(const addresses& before) const {
  bool const moved = std::ranges::find_first_of(before, known) == before.end();
  if (!before.empty() && moved)
    log_entry(logbook_kind::addresses_changed, {{"host", host}, {"addresses", text_of(known)}, {"before", text_of(before)}});
}

}  // namespace gateway
