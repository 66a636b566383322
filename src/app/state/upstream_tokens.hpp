// Mode inject: the OAuth tokens of all accounts that have an `oauth` section. Requests of every lane take the same token; a refresh, which
// one task of the control lane makes (app/server/token_keeper), serves all that wait for it.
// Thread rule: any thread; without such an account, no function takes the lock. Time rule: moments are arguments.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include "core/auth/oauth_client.hpp"
#include "core/auth/partition.hpp"
#include "core/upstream/token_answer.hpp"
#include "core/upstream/token_schedule.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {

class upstream_tokens {
public:
  using authorization = std::shared_ptr<const secret>;
  using client = std::shared_ptr<const oauth_client>;

  explicit upstream_tokens(std::uint64_t seed) : chance_(seed) {}

  // What a request is sent with now; null: there is no token.
  [[nodiscard]] authorization current(const partition& owner, mono_time now) const;

  enum class state : std::uint8_t {
    ready,
    awaited,         // a refresh is under way: `waits` is woken when it ends
    unavailable,     // the last refresh failed
    client_refused,  // the endpoint refuses the client, or the upstream refused its tokens in a row
  };
  struct look {
    state is = state::unavailable;
    std::chrono::nanoseconds retry_in{0};  // until the next refresh
  };
  look wait(const partition& owner, mono_time now, const std::shared_ptr<sleeper>& waits);

  // The upstream has refused (401) or accepted a request with the token. True: only the token has ended; the next one is asked for.
  bool note_refused(const partition& owner, mono_time asked_at, mono_time now);
  void note_accepted(const partition& owner, mono_time asked_at);

  // The rest is for the task that refreshes the token of `owner`. `keeper` is woken when the next refresh is due earlier than it was.
  // A known account keeps its token; with another secret, a refresh is due at once.
  void put(const partition& owner, client with, const std::shared_ptr<sleeper>& keeper, mono_time now);
  void remove(const partition& owner);
  // Begins a refresh if one is due: with this client. Null: none is due; `due` then says when.
  client begin(const partition& owner, mono_time now, mono_time& due);
  // Ends it.
  void note(const partition& owner, const token_answer& answer, mono_time now);

  // For a scrape.
  struct figures {
    std::uint64_t accounts = 0;
    std::uint64_t failing = 0;              // accounts whose last refresh failed, or whose tokens are refused
    std::chrono::nanoseconds first_end{0};  // until the first token ends; 0: an account has none
  };
  [[nodiscard]] figures count(mono_time now) const;

private:
  struct row {
    partition owner;
    client with;
    std::shared_ptr<sleeper> keeper;
    token_schedule schedule;
    authorization token;  // null: none was issued yet
    token_result last = token_result::issued;
    std::vector<std::shared_ptr<sleeper>> waiting;
  };
  [[nodiscard]] row* find(const partition& owner);
  [[nodiscard]] const row* find(const partition& owner) const;
  double roll() { return std::uniform_real_distribution<double>{}(chance_); }

  mutable std::mutex mutex_;
  std::atomic<bool> any_{false};  // there is a row
  std::vector<row> rows_;         // a few; protected by mutex_, and so is chance_
  std::minstd_rand chance_;
};

}  // namespace gateway
