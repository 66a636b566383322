#include "io/upstream/resolver.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// A failed lookup is repeated soon, but not by every request.
constexpr std::chrono::seconds retry_after{1};

// Alternates the address families, starting with the first, in the order of the system.
std::vector<asio::ip::tcp::endpoint> interleaved(const std::vector<asio::ip::tcp::endpoint>& sorted) {
  std::vector<asio::ip::tcp::endpoint> permits[2];
  for (auto const& one : sorted) permits[one.protocol() == sorted.front().protocol() ? 0 : 1].push_back(one);
  std::vector<asio::ip::tcp::endpoint> all;
  for (std::size_t i = 0; all.size() < sorted.size(); ++i) {
    for (auto const& family : permits) {
      if (i < family.size()) all.push_back(family[i]);
    }
  }
  return all;
}

}  // namespace

resolver::resolver(worker& at, const origin& where, span ttl) : at_(at), where_(where), ttl_(ttl), resolver_(at.get_executor()) {
  error_code not_an_address;
  auto const literal = asio::ip::make_address(where_.host, not_an_address);
  if (not_an_address) return;
  known_.emplace_back(literal, where_.port);
  good_until_ = mono_time::max();
}

task<std::vector<asio::ip::tcp::endpoint>> resolver::addresses(mono_time deadline) {
  if (mono_now() >= good_until_ && !looking_up_) {
    looking_up_ = true;
    at_.start_unwaited("resolve", look_up());
  }
  if (known_.empty() && looking_up_) {  // defence: old-answer-used
    auto const me = std::make_shared<sleeper>(at_.get_executor());
    waiting_.push_back(me);
    co_await me->sleep_until(deadline);
  }
  co_return known_;
}

void resolver::prefer(const asio::ip::tcp::endpoint& good) {
  good_ = good;
  auto const at = std::ranges::find(known_, good);
  if (at != known_.end()) std::rotate(known_.begin(), at, at + 1);
}

task<void> resolver::look_up() {
  auto const port = std::to_string(where_.port);
  auto const [error, found] = co_await resolver_.async_resolve(where_.host, port, asio::ip::resolver_base::numeric_service, use_op);
  looking_up_ = false;
  if (error) {
    log_warning("upstream host {} cannot be resolved: {}; {}", where_.host, error.message(),
                known_.empty() ? "no address is known" : "its old addresses are used");
    good_until_ = mono_now() + retry_after;  // defence: old-addresses
  } else {
    std::vector<asio::ip::tcp::endpoint> sorted;
    for (auto const& one : found) sorted.push_back(one.endpoint());
    known_ = interleaved(sorted);  // defence: families-interleaved
    prefer(good_);                 // defence: good-address-first
    good_until_ = mono_now() + ttl_;
  }
  for (auto const& one : std::exchange(waiting_, {})) one->wake();
}

}  // namespace gateway
