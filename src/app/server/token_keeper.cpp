#include "app/server/token_keeper.hpp"

#include <algorithm>

#include "core/settings/token_url.hpp"
#include "core/settings/upstreams.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Of the way to the endpoint and of its answer.
upstream_settings way_of(upstream_settings way) {
  way.max_body_bytes = max_token_answer;  // defence: token-answer-size
  return way;
}

}  // namespace

token_trust read_token_trust(const settings& values) {
  token_trust all;
  for (auto const& one : values.credentials.accounts) {
    auto const where = token_url::parse(one.oauth.is_on() ? one.oauth.token_url : "");
    all.push_back(where ? std::make_shared<client_tls>(where->host, authorities_of(one.oauth, upstream_named(values, one.upstream)))
                        : nullptr);
  }
  return all;
}

void token_keeper::take(const access_rules& rules) {
  std::vector<std::shared_ptr<account>> next;
  for (std::size_t i = 0; rules.injecting && i < rules.injecting->accounts.size(); ++i) {
    auto const& of = rules.injecting->accounts[i];
    if (of.oauth == nullptr) continue;
    auto const where = token_url::parse(of.oauth->token_url);  // checked when the settings were read
    auto const known = std::ranges::find(accounts_, of.owner, [](const auto& one) { return one->owner; });
    bool const is_new = known == accounts_.end();
    auto const one = is_new ? std::make_shared<account>(of.owner, at_.get_executor()) : *known;
    one->name = rules.injecting->account_names[i];
    one->target = where->path;
    auto const& way = upstream_named(config_, of.at);
    one->timeout = way.timeout;
    one->endpoint = std::make_shared<poster>(at_, way_of(way), where->host, trust_[i], for_proxy_(of.at));
    parts_.tokens.put(one->owner, of.oauth, one->sleeping, mono_now());
    next.push_back(one);
    if (is_new) {
      at_.start_task("token", keep(one));
    } else {
      one->sleeping->wake();
    }
  }
  for (auto const& one : std::exchange(accounts_, std::move(next))) {
    if (std::ranges::find(accounts_, one) == accounts_.end()) end(*one);
  }
}

void token_keeper::stop() {
  for (auto const& one : accounts_) end(*one);
}

void token_keeper::end(account& one) {
  one.has_ended = true;
  one.endpoint->close();
  one.sleeping->wake();
  parts_.tokens.remove(one.owner);
}

task<void> token_keeper::keep(std::shared_ptr<account> one) {
  while (!one->has_ended) {
    auto due = mono_time::max();
    auto const asked_at = mono_now();
    auto const with = parts_.tokens.begin(one->owner, asked_at, due);
    if (with == nullptr) {
      co_await one->sleeping->sleep_until(due);
      continue;
    }
    auto request = compose_token_request(one->endpoint->where().host_field(), one->target, with->client_id, with->client_secret);
    auto asking = ask(one->endpoint, std::move(request), asked_at + one->timeout);
    auto const answer = co_await std::move(asking);
    if (!one->has_ended) conclude(*one, answer, asked_at);
  }
}

task<token_answer> token_keeper::ask(std::shared_ptr<poster> endpoint, secret request, mono_time deadline) {
  auto posting = endpoint->post(request, deadline);
  auto got = co_await std::move(posting);
  token_answer answer;
  if (got.failed) {
    answer.is = token_result_of(*got.failed);
  } else {
    answer = read_token_answer(got.answer, reader_, now().wall);
  }
  wipe(got.answer.body);
  co_return answer;
}

void token_keeper::conclude(account& one, const token_answer& answer, mono_time asked_at) {
  auto const now = mono_now();
  ++refreshes_[static_cast<std::size_t>(answer.is)];
  bool const has_token = parts_.tokens.current(one.owner, now) != nullptr;
  report(one, answer, has_token);
  if (answer.is == token_result::client_refused && !has_token) {
    one.is_refused = true;
    note_account_refusal(parts_, one.owner, refusal_scope::all, resource::summary, asked_at, now);
  }
  if (answer.is == token_result::issued && std::exchange(one.is_refused, false)) parts_.refused.try_now(one.owner, now);
  parts_.tokens.note(one.owner, answer, now);  // last: it wakes the requests that wait
}

// Once for each trouble, and for its end. The log never holds what the endpoint wrote.
void token_keeper::report(account& one, const token_answer& answer, bool has_token) const {
  if (std::exchange(one.last, answer.is) == answer.is) return;
  if (answer.is == token_result::issued) {
    return log_entry(logbook_kind::token_issued, {{"account", one.name}});
  }
  auto cause = std::string{sentence_of(answer.is)};
  if (!answer.error.empty()) cause.append(", ").append(answer.error);
  log_entry(logbook_kind::token_missing,
            {{"account", one.name},
             {"endpoint", one.endpoint->where().host_field()},
             {"cause", cause},
             {"consequence", has_token                                   ? "the token in use serves until it ends"
                             : answer.is == token_result::client_refused ? "its clients get 502 and nothing from the cache"
                                                                         : "its clients get 502 for what is not cached"}});
}

std::optional<token_figures> token_keeper::figures(mono_time now) const {
  auto const counted = parts_.tokens.count(now);
  if (counted.accounts == 0) return std::nullopt;
  return token_figures{refreshes_, counted.failing, std::chrono::duration<double>(counted.first_end).count()};
}

}  // namespace gateway
