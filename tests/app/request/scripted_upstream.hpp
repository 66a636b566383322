// The upstream of the model. It decides when a request arrives, answers when the test allows it, and records what it has shown to each
// credential, so that a test can check whether the credential was allowed to see an answer.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "io/runtime/deadlines.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/upstream/fetcher.hpp"
#include "request/tenants.hpp"

namespace gateway::test {

class scripted_upstream final : public answer_source {
public:
  scripted_upstream(executor where, tenants& world) : where_(where), world_(world) {}

  bool holds = false;
  std::vector<bool> expected = std::vector<bool>(tenant_count, true);  // the credentials that may send requests
  std::uint64_t requests = 0;
  std::vector<std::string> complaints;  // about requests that should not have been sent

  task<fetched> fetch(const secret& request, exchange_kind, exchange_deadline, answer_room*, hop_ledger&) override {
    auto const one = take(request.reveal());
    if (holds) {
      held_.push_back(one);
      co_await one->wakes->sleep_until(timed::never);
    }
    tell(*one);
    fetched got;
    got.result.answer = std::move(one->answer);
    co_return got;
  }
  void keep(std::unique_ptr<upstream_connection>) override {}
  [[nodiscard]] const std::string& host_field() const override { return host_; }

  [[nodiscard]] std::size_t held() const { return held_.size(); }
  [[nodiscard]] bool holds_about(std::size_t call) const {
    return std::ranges::any_of(held_, [&](auto const& one) { return one->call == call; });
  }
  [[nodiscard]] bool holds_of(std::size_t who) const {
    return std::ranges::any_of(held_, [&](auto const& one) { return one->who == who; });
  }
  void release(std::size_t which) {
    held_[which]->wakes->wake();
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void release_all() {
    while (!held_.empty()) release(0);
  }

  // Whether that credential got a summary of the call at that moment or later.
  [[nodiscard]] bool told_since(std::size_t who, std::size_t call, std::uint64_t moment) const {
    auto const found = told_at_.find({who, call});
    return found != told_at_.end() && found->second >= moment;
  }
  [[nodiscard]] bool told_complete_since(std::size_t who, std::size_t call, std::uint64_t moment) const {
    auto const found = told_complete_at_.find({who, call});
    return found != told_complete_at_.end() && found->second >= moment;
  }
  // Whether the credential got one whose request came after its last refusal.
  [[nodiscard]] bool knows_call(std::size_t who, std::size_t call) const { return calls_.contains({who, call}); }
  [[nodiscard]] bool knows_account(std::size_t who, std::size_t call) const { return accounts_.contains({who, tenants::owner_of(call)}); }
  // Whether a token with the same claims has ever got one.
  [[nodiscard]] bool subject_knows_call(std::size_t who, std::size_t call) const {
    for (auto const one : {first_token, revocable_token, expired_token}) {
      if (who != other_subjects_token && told_at_.contains({one, call})) return true;
    }
    return told_at_.contains({who, call});
  }
  // Whether an answer accepted the credential, to a request after its last refusal.
  [[nodiscard]] bool accepts(std::size_t who) const { return accepted_.contains(who); }
  [[nodiscard]] std::uint64_t moment() const { return moment_; }

private:
  struct question {
    explicit question(executor where) : wakes(std::make_shared<sleeper>(where)) {}
    std::shared_ptr<sleeper> wakes;
    std::size_t who = tenant_count, call = 0;
    std::uint64_t asked_at = 0;
    upstream_answer answer;
  };

  std::shared_ptr<question> take(std::string_view request) {
    auto const one = std::make_shared<question>(where_);
    ++requests;
    one->asked_at = ++moment_;
    auto const after = [&](std::string_view what) {
      auto const start = request.find(what);
      if (start == std::string_view::npos) return std::string_view{};
      auto const rest = request.substr(start + what.size());
      return rest.substr(0, rest.find('\r'));
    };
    auto const target = after(" /v1/Voice/");  // of a GET or a POST
    one->who = world_.sender(after("\r\nAuthorization: "));
    while (one->call < tenants::calls && !target.starts_with(tenants::sid("CA", one->call))) ++one->call;
    if (one->who == tenant_count || one->call == tenants::calls || !expected[one->who]) {
      complaints.emplace_back("a request that nobody should send");
      one->answer = upstream_answer();
      one->answer.status = 500;
      return one;
    }
    one->answer = world_.says(one->who, one->call, target.find("ProcessingState=partial") != std::string_view::npos);
    return one;
  }

  void tell(const question& one) {
    ++moment_;
    auto const status = one.answer.status;
    if (status == 401) {
      refused_[one.who] = moment_;
      accepted_.erase(one.who);
      std::erase_if(calls_, [&](auto const& known) { return known.first == one.who; });
      std::erase_if(accounts_, [&](auto const& known) { return known.first == one.who; });
      return;
    }
    if (status == 200) told_at_[{one.who, one.call}] = moment_;
    if (one.answer.body.find(R"("complete")") != std::string::npos) told_complete_at_[{one.who, one.call}] = moment_;
    if (one.asked_at < refused_[one.who]) return;
    accepted_.insert(one.who);
    if (status == 200) {
      calls_.insert({one.who, one.call});
      accounts_.insert({one.who, tenants::owner_of(one.call)});
    }
  }

  executor where_;
  tenants& world_;
  std::string host_ = "upstream.test";
  std::vector<std::shared_ptr<question>> held_;
  std::uint64_t moment_ = 0;
  std::map<std::size_t, std::uint64_t> refused_;
  std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> told_at_;
  std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> told_complete_at_;
  std::set<std::pair<std::size_t, std::size_t>> calls_;  // credential and call
  std::set<std::pair<std::size_t, unsigned>> accounts_;  // credential and account
  std::set<std::size_t> accepted_;
};

}  // namespace gateway::test
