#include "core/upstream/twilio_body.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace gateway {
namespace {

using summary_state = summary_facts::summary_state;

summary_state state_named(std::string_view word) {
  if (word == "complete") return summary_state::complete;
  return word == "partial" ? summary_state::partial : summary_state::other;
}

// The judgement of the account that an object names; nothing: it names none.
std::optional<named_accounts> judge_object(const json_value& object, const std::function<bool(const account_sid&)>& is_allowed) {
  int named = 0;
  std::optional<account_sid> whose;
  bool const is_object = object.each_member([&](std::string_view key, const json_value& value) {
    if (key != "account_sid") return;
    ++named;
    whose = account_sid::parse(value.text().value_or(""));
  });
  if (!is_object || named > 1 || (named == 1 && !whose)) return named_accounts::unclear;
  if (named == 0) return std::nullopt;
  return is_allowed(*whose) ? named_accounts::allowed : named_accounts::others;
}

// The member that holds the items of a list; "" if the body is no list.
std::string items_key(const json_value& body) {
  std::string found;
  body.each_member([&](std::string_view key, const json_value& meta) {
    if (key != "meta") return;
    meta.each_member([&](std::string_view name, const json_value& value) {
      if (name == "key") found = value.text().value_or("");
    });
  });
  return found;
}

}  // namespace

named_accounts body_reader::judge_accounts(std::string_view body, const std::function<bool(const account_sid&)>& is_allowed) {
  auto const object = json_.parse(body);
  if (!object) return named_accounts::unclear;
  auto const own = judge_object(*object, is_allowed);
  auto const items = items_key(*object);
  if (items.empty()) return own.value_or(named_accounts::unclear);
  int lists = 0;
  auto all = own.value_or(named_accounts::allowed);
  bool is_list = false;
  object->each_member([&](std::string_view key, const json_value& list) {
    if (key != items) return;
    ++lists;
    is_list = list.each_item([&](const json_value& item) {
      all = std::max(all, judge_object(item, is_allowed).value_or(named_accounts::unclear));  // defence: every-item-judged
    });
  });
  return lists == 1 && is_list ? all : named_accounts::unclear;
}

summary_facts body_reader::read_summary(std::string_view body, const call_sid& asked) {
  summary_facts facts;
  auto const object = json_.parse(body);
  if (!object) return facts;
  int identities = 0;
  int states = 0;
  int ends = 0;
  int accounts = 0;
  bool right = true;
  bool const is_object = object->each_member([&](std::string_view key, json_value value) {
    if (key == "call_sid") {
      ++identities;
      auto const named = call_sid::parse(value.text().value_or(""));
      right = right && named && same_call(*named, asked);
    } else if (key == "processing_state") {
      ++states;
      facts.state = state_named(value.text().value_or(""));
    } else if (key == "end_time") {
      ++ends;
      facts.end_time = parse_rfc3339(value.text().value_or(""));
      facts.ambiguous = facts.ambiguous || (!facts.end_time && !value.is_null());
    } else if (key == "account_sid") {
      ++accounts;
      facts.account = account_sid::parse(value.text().value_or(""));
      facts.malformed_account = facts.malformed_account || (!facts.account && !value.is_null());
    }
  });
  if (!is_object) return facts;
  facts.is = identities > 0 && right ? summary_facts::identity::right_call : summary_facts::identity::wrong_call;
  facts.ambiguous = facts.ambiguous || identities > 1 || states > 1 || ends > 1 || accounts > 1;
  if (accounts > 1) facts.account.reset();
  return facts;
}

std::optional<int> body_reader::read_error_code(std::string_view body) {
  auto const object = json_.parse(body);
  if (!object) return std::nullopt;
  std::optional<std::int64_t> code;
  bool is_first = true;
  object->each_member([&](std::string_view key, json_value value) {
    if (key == "code" && std::exchange(is_first, false)) code = value.whole_number();
  });
  if (!code || *code < 0 || *code > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*code);
}

}  // namespace gateway
