#include "summaries.hpp"

#include <cstdlib>

#include "core/auth/identity.hpp"
#include "core/request/head.hpp"
#include "core/upstream/remember.hpp"
#include "summary_requests.hpp"

namespace bench {

std::vector<std::string> requests(std::size_t keys) {
  load::summary_requests made("127.0.0.1:8080", "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpwYXJlbnQtdG9rZW4=", keys,
                              load::key_order::round_robin, 1);
  std::vector<std::string> result;
  result.reserve(keys);
  for (std::size_t key = 0; key < keys; ++key) result.emplace_back(made.next());
  return result;
}

gateway::upstream_answer answer_about(const gateway::call_sid& call) {
  gateway::upstream_answer answer;
  answer.status = 200;
  answer.fields = {{"Content-Type", "application/json"},
                   {"Twilio-Request-Id", "RQ0123456789abcdef0123456789abcdef"},
                   {"Twilio-Concurrent-Requests", "1"},
                   {"Access-Control-Allow-Origin", "*"},
                   {"Access-Control-Expose-Headers", "ETag"}};
  answer.body = R"({"account_sid":"AC00000000000000000000000000000001","call_sid":")";
  answer.body.append(call.view()).append(R"(","processing_state":"complete","end_time":"1970-01-01T00:00:00Z","annotation":{"comment":")");
  const std::string_view end = R"("}})";
  answer.body.append(4096 - answer.body.size() - end.size(), 'x').append(end);
  return answer;
}

wanted read(const std::string& request) {
  const auto head = gateway::parse_head(request, {});
  if (!head) std::abort();
  const auto summary = gateway::parse_summary_request(gateway::parse_route(head->path), *head);
  const auto who = gateway::identity_of(head->authorization, credential_key);
  if (!summary || !who) std::abort();
  return {who->owner, *summary};
}

gateway::lru_store store_of(const std::vector<std::string>& requests) {
  gateway::lru_store store({std::size_t{256} << 20U, std::size_t{1} << 20U});
  gateway::body_reader reader;
  const gateway::instant then{stored_at, stored_on};
  for (const auto& request : requests) {
    const auto [owner, summary] = read(request);
    const auto answer = answer_about(summary.call);
    const auto meaning = gateway::judge_answer(answer, summary.call, reader);
    const auto kept = gateway::remember(answer, meaning, then, {});
    if (!kept.is_stored() || store.insert(gateway::cache_key(owner, summary.call, table_key), kept.made, then)) std::abort();
  }
  return store;
}

}  // namespace bench
