#include "app/fleet/shared_tier.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "io/files/settings_file.hpp"

namespace gateway {
namespace {

constexpr std::string_view kind_of(bool is_summary) { return is_summary ? "summary" : "refusal"; }

// Where a value may be found: a value that was moved to another credential, call or question does not open there.
std::string place_of(const tier_question& asked, std::string_view owner, bool is_summary) {
  auto place = asked.call + " " + std::string{owner};
  if (!is_summary) place.append(" ").append(asked.question);
  return place;
}

// Counts a claim of an unproved credential while it is under way.
class stranger {
public:
  stranger(std::atomic<std::uint64_t>& all, bool counts) : all_(counts ? &all : nullptr) {
    if (all_ != nullptr) before_ = all_->fetch_add(1, std::memory_order_relaxed);
  }
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;
  ~stranger() {
    if (all_ != nullptr) all_->fetch_sub(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t before() const { return before_; }

private:
  std::atomic<std::uint64_t>* all_;
  std::uint64_t before_ = 0;
};

}  // namespace

// The engine knows a call by one name, in whatever spelling. Answers are stored for each spelling apart.
std::string shared_tier::owner_name(const partition& owner, const call_sid& call) const {
  std::string of{view_of(owner.id)};
  if (call != call.lower()) of += call.view();
  return keys_.name_of("owner", of);
}

tier_question shared_tier::question_of(const call_sid& call, std::span<const partition> owners, processing_state state) const {
  std::vector<std::string> names;
  for (auto const& one : owners) names.push_back(owner_name(one, call));
  return {keys_.name_of("call", call.lower().view()), std::move(names), name_of(question(state))};
}

claim_terms shared_tier::terms(bool leads, std::chrono::nanoseconds lease) const {
  claim_terms made;
  made.mode = leads ? claim_mode::lead : rules_.flights ? claim_mode::share : claim_mode::single;
  made.replica = marks_.replica();
  made.lease = std::chrono::ceil<std::chrono::milliseconds>(lease);
  return made;
}

task<std::optional<tier_claim>> shared_tier::claim(executor where, const tier_question& asked, claim_terms& terms, bool proved) {
  terms.token.clear();
  stranger const counted{unproved_, !proved};
  if (counted.before() >= most_unproved) co_return std::nullopt;  // defence: unproved-claims-bounded
  terms.token = random_id();
  auto running = link_.run(where, claim_call(names_, asked, terms));
  auto answer = co_await std::move(running);
  if (answer.why != engine_trouble::none) {
    if (answer.why != engine_trouble::late) terms.token.clear();
    co_return std::nullopt;
  }
  co_return read_claim(std::move(answer.reply), asked.owners.size());
}

// An engine that states a version too high would make the answer immune to later marks; one too low only wastes it.
tier_lease shared_tier::lease_of(const tier_claim& got, const claim_terms& terms, mono_time now) const {
  return {terms.token, std::min(got.version, marks_.version()), got.now, now};  // defence: claim-version-clamped
}

task<std::optional<bool>> shared_tier::settle(executor where, const tier_question& asked, const std::string& token,
                                              const tier_settlement& what) {
  auto running = link_.run(where, settle_call(names_, asked, token, what));
  auto const answer = co_await std::move(running);
  if (answer.why != engine_trouble::none) co_return std::nullopt;
  co_return answer.reply.is == engine_reply::kind::integer&& answer.reply.number == 1;
}

std::optional<shared_answer> shared_tier::open(const tier_question& asked, const tier_claim& got) const {
  bool const is_summary = got.is == tier_claim::kind::summary;
  auto plain = keys_.seal().open(kind_of(is_summary), place_of(asked, asked.owners[got.owner], is_summary), got.sealed);
  return plain ? unpack(*std::move(plain)) : std::nullopt;
}

bool shared_tier::is_believed(const shared_answer& one, const tier_claim& got, const cache_key& at,
                              const std::optional<account_sid>& account) const {
  // A mark that this replica has not read yet may concern it.
  if (got.version > marks_.version()) return false;
  return one.version >= marks_.newest(at, account);  // defence: older-than-mark
}

void shared_tier::add(tier_settlement& to, const tier_question& asked, const std::string& owner, bool is_summary, std::string_view packed,
                      std::chrono::nanoseconds lives) const {
  seal_nonce nonce{};
  fill_with_random(nonce.data(), nonce.size());
  tier_settlement::value made;
  made.field = is_summary ? summary_field(owner) : refusal_field(owner, asked.question);
  // Without a shared cache, long enough for those who wait to be woken and to ask.
  auto const longest = rules_.cache ? lives : std::min(lives, std::chrono::nanoseconds{std::chrono::seconds{1}});
  made.lives = std::chrono::floor<std::chrono::milliseconds>(longest);
  if (made.lives.count() <= 0) return;
  made.sealed = keys_.seal().close(kind_of(is_summary), place_of(asked, owner, is_summary), nonce, packed);
  to.values.push_back(std::move(made));
}

shared_tier::waiting::waiting(shared_tier& whose, const executor& where, const cache_key& key, const tier_question& asked)
    : whose_(whose), wakes_(std::make_shared<sleeper>(where)) {
  std::lock_guard const lock{whose_.mutex_};
  at_ = whose_.waiting_.emplace(asked.message(), one_waiting{key, wakes_});
}

shared_tier::waiting::~waiting() {
  std::lock_guard const lock{whose_.mutex_};
  whose_.waiting_.erase(at_);
}

void shared_tier::waiting::begin() {
  std::lock_guard const lock{whose_.mutex_};
  at_->second.has_begun = true;
}

void shared_tier::heard(std::string_view message) {
  std::lock_guard const lock{mutex_};
  auto const [first, last] = waiting_.equal_range(std::string{message});
  for (auto at = first; at != last; ++at) at->second.wakes->wake();
}

bool shared_tier::is_waiting(const partition& owner, const call_sid& call) const {
  std::lock_guard const lock{mutex_};
  return std::ranges::any_of(waiting_, [&](auto const& one) {
    auto const& [key, wakes, has_begun] = one.second;
    return has_begun && key.owner == owner && same_call(key.call, call);
  });
}

}  // namespace gateway
