#include "app/state/held_readers.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <limits>
#include <tuple>

namespace gateway {
namespace {

// Readers that one step of a worker wakes: each then writes an answer, which takes about 20 µs.
constexpr std::size_t wakes_at_once = 16;

template <class Calls>
auto find_in(Calls& calls, const cache_key& key) {
  auto const [first, last] = calls.equal_range(key.call_bits());
  auto const found = std::find_if(first, last, [&](auto const& one) { return one.second->key == key; });  // defence: hold-owner
  return found == last ? calls.end() : found;
}

}  // namespace

hold_place::~hold_place() {
  if (from_ != nullptr) from_->give_back(client_);  // defence: hold-place-returned
}

held_reader::held_reader(held_readers& all, held_lane& lane, const cache_key& key, processing_state state, std::uint64_t generation,
                         mono_time end, std::string_view payer)
    : timer(lane.where_, end),
      all_(all),
      lane_(lane),
      generation_(generation),
      takes_partial_(state == processing_state::partial || state == processing_state::all),
      end_(end),
      payer_(payer) {
  std::tie(call_, starts_watch_) = all_.join(*this, key);
}

const fetch_result_ptr& held_reader::end() {
  std::lock_guard const lock{all_.mutex_};
  if (is_linked()) unlink();
  return result_;
}

void held_readers::set_most(std::uint64_t most) {
  std::lock_guard const lock{mutex_};
  bound_.set_most(most);
}

hold_place held_readers::take_place(const cache_key& key, std::uint64_t client, std::uint64_t most_per_call) {
  std::lock_guard const lock{mutex_};
  auto const* const call = find(key);
  if (call != nullptr && call->readers_ >= most_per_call) return {};  // defence: hold-per-call
  if (!bound_.take(client)) return {};
  return hold_place{*this, client};
}

void held_readers::give_back(std::uint64_t client) {
  std::lock_guard const lock{mutex_};
  bound_.give_back(client);
}

held_call* held_readers::find(const cache_key& key) {
  auto const found = find_in(calls_, key);
  return found == calls_.end() ? nullptr : found->second.get();
}

std::pair<std::shared_ptr<held_call>, bool> held_readers::join(held_reader& one, const cache_key& key) {
  std::lock_guard const lock{mutex_};
  auto found = find_in(calls_, key);
  bool const is_new = found == calls_.end();
  if (is_new) found = calls_.emplace(key.call_bits(), std::make_shared<held_call>(key, one.lane_.where_));
  auto& call = found->second;
  ++call->readers_;
  (one.takes_partial_ ? call->anything_ : call->complete_).push_back(one);
  return {call, is_new};
}

void held_readers::leave(held_reader& one) {
  std::shared_ptr<held_call> ended;
  {
    std::lock_guard const lock{mutex_};
    if (one.is_linked()) one.unlink();
    auto& call = *one.call_;
    if (--call.readers_ > 0) return;
    call.ended_ = true;
    auto const [first, last] = calls_.equal_range(call.key.call_bits());
    calls_.erase(std::find_if(first, last, [&](auto const& other) { return other.second.get() == &call; }));
    ended = one.call_;
  }
  ended->wakes->wake();  // its watch ends
}

void held_readers::arrived(const cache_key& key, std::uint64_t generation, woken_readers wakes, const fetch_result_ptr& what) {
  if (wakes == woken_readers::none) return;
  std::vector<held_lane*> lanes;
  {
    std::lock_guard const lock{mutex_};
    auto* const call = find(key);
    if (call == nullptr) return;
    move_woken(call->anything_, generation, wake_up::answered, what, lanes);
    if (wakes == woken_readers::all) move_woken(call->complete_, generation, wake_up::answered, what, lanes);
  }
  post(lanes);
}

void held_readers::look_now(const call_sid& call) {
  std::vector<std::shared_ptr<held_call>> concerned;
  {
    std::lock_guard const lock{mutex_};
    auto const [first, last] = calls_.equal_range(cache_key::call_bits(call, table_key_));
    for (auto one = first; one != last; ++one) {
      if (same_call(one->second->key.call, call)) concerned.push_back(one->second);
    }
  }
  for (auto const& one : concerned) one->wakes->wake();
}

void held_readers::release_all() {
  std::vector<held_lane*> lanes;
  {
    std::lock_guard const lock{mutex_};
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    for (auto const& [bits, call] : calls_) {
      move_woken(call->anything_, all, wake_up::released, nullptr, lanes);
      move_woken(call->complete_, all, wake_up::released, nullptr, lanes);
    }
  }
  post(lanes);
}

// From the call's list to those of the lanes. `to` gets the lanes that must be told of it.
void held_readers::move_woken(held_list& from, std::uint64_t generation, wake_up why, const fetch_result_ptr& what,
                              std::vector<held_lane*>& to) {
  for (auto next = from.begin(); next != from.end();) {
    auto& one = *next++;
    if (one.generation_ > generation) continue;  // defence: hold-purged
    one.why_ = why;
    one.result_ = what;
    one.unlink();
    auto& lane = one.lane_;
    lane.woken_.push_back(one);
    if (!std::exchange(lane.wakes_, true)) to.push_back(&lane);
  }
}

void held_readers::post(const std::vector<held_lane*>& lanes) {
  for (auto* const lane : lanes) asio::post(lane->where_, [this, lane] { wake_some(*lane); });
}

// On the lane's own thread, where its readers are destroyed: none of these can go meanwhile.
void held_readers::wake_some(held_lane& lane) {
  std::array<held_reader*, wakes_at_once> some{};
  std::size_t count = 0;
  bool more = false;
  {
    std::lock_guard const lock{mutex_};
    while (count < some.size() && !lane.woken_.empty()) {
      some[count++] = &lane.woken_.front();
      lane.woken_.pop_front();
    }
    lane.wakes_ = more = !lane.woken_.empty();
  }
  // Behind the answers of these: between two steps the worker does what else has come.
  for (std::size_t i = 0; i < count; ++i) some[i]->timer.cancel();
  if (more) post({&lane});
}

std::uint64_t held_readers::held() const {
  std::lock_guard const lock{mutex_};
  return bound_.held();
}

bool held_readers::has_ended(const held_call& call) const {
  std::lock_guard const lock{mutex_};
  return call.ended_;
}

std::optional<std::string> held_readers::find_payer(const held_call& call, const std::function<bool(std::string_view)>& may_pay) const {
  std::lock_guard const lock{mutex_};
  std::optional<std::string_view> refused;  // many readers of one client are asked for once
  for (auto const* const readers : {&call.complete_, &call.anything_}) {
    for (auto const& one : *readers) {
      if (one.payer_ == refused) continue;
      if (may_pay(one.payer_)) return std::string{one.payer_};
      refused = one.payer_;
    }
  }
  return std::nullopt;
}

bool held_readers::takes_partial(const held_call& call) const {
  std::lock_guard const lock{mutex_};
  return !call.anything_.empty();
}

std::vector<held_readers::listed> held_readers::list(const call_sid& call) const {
  std::vector<listed> some;
  std::lock_guard const lock{mutex_};
  auto const [first, last] = calls_.equal_range(cache_key::call_bits(call, table_key_));
  for (auto at = first; at != last; ++at) {
    auto const& one = *at->second;
    if (one.key.call != call) continue;
    listed made{one.key.owner, 0, mono_time::max()};
    for (auto const* const readers : {&one.complete_, &one.anything_}) {
      for (auto const& reader : *readers) {
        ++made.readers;
        made.first_end = std::min(made.first_end, reader.end_);
      }
    }
    some.push_back(made);
  }
  return some;
}

}  // namespace gateway
