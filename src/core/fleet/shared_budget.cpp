#include "core/fleet/shared_budget.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/fleet/engine_words.hpp"

namespace gateway {
namespace {

constexpr std::string_view memory_format = "1";
constexpr std::size_t reply_items = 13;

std::optional<std::uint64_t> number_in(std::string_view text) {
  auto const value = parse_decimal(text);
  return value && *value <= exact_in_lua ? value : std::nullopt;
}

// The fields of what was learnt, in the order in which they are written. The time until the next attempt travels apart.
std::array<std::uint64_t*, 7> fields_of(concurrency_limit::memory& of) {
  return {&of.limit, &of.proven, &of.step, &of.elsewhere, &of.account_limit, &of.refused_at, &of.refused_mark};
}

std::string written(concurrency_limit::memory known) {
  std::string text{memory_format};
  for (auto const* const field : fields_of(known)) text.append(" ").append(std::to_string(*field));
  return text.append(" ").append(std::to_string(known.pause.count()));
}

std::optional<concurrency_limit::memory> read_memory(std::string_view text, std::uint64_t again_in, std::uint64_t epoch) {
  if (next_word(text) != memory_format) return std::nullopt;
  concurrency_limit::memory known;
  for (auto* const field : fields_of(known)) {
    auto const value = number_in(next_word(text));
    if (!value) return std::nullopt;
    *field = *value;
  }
  auto const pause = number_in(next_word(text));
  if (!pause || known.limit == 0 || known.refused_mark >= epoch) return std::nullopt;
  known.pause = std::chrono::milliseconds{*pause};
  known.try_again_in = std::chrono::milliseconds{again_in};
  return known;
}

}  // namespace

script_call budget_call(const budget_place& where, const budget_report& report) {
  script_call call{budget_script()};
  auto const& [keys, account, replica] = where;
  call.keys = {keys.budget(account), keys.waiting_for_summaries(account), keys.waiting_for_others(account), keys.budget_members()};
  call.values = {keys.feed(), account, replica};
  for (auto const& counts : {report.in_use, report.wanted, report.spare})
    for (auto const count : counts) call.values.push_back(std::to_string(count));
  call.values.push_back(std::to_string(report.reserve.count()));
  call.values.push_back(std::to_string(report.epoch));
  call.values.push_back(std::to_string(report.seen.accepted));
  call.values.push_back(std::to_string(report.seen.in_flight));
  call.values.push_back(report.seen.elsewhere ? std::to_string(*report.seen.elsewhere) : "");
  auto const proposal = report.proposal.value_or(concurrency_limit::memory{});
  call.values.push_back(std::to_string(report.proposed_limit));
  call.values.push_back(written(proposal));
  call.values.push_back(std::to_string(proposal.try_again_in.count()));
  call.values.push_back(std::to_string(report.part));
  call.values.push_back(std::to_string(report.gateways));
  return call;
}

std::optional<budget_answer> read_budget_answer(const engine_reply& reply) {
  if (reply.is != engine_reply::kind::array || reply.items.size() != reply_items) return std::nullopt;
  std::array<std::uint64_t, reply_items> numbers{};
  for (std::size_t i = 0; i < reply_items; ++i) {
    if (i == 8 || i == 9) continue;  // texts
    auto const value = count_in(reply.items[i]);
    if (!value) return std::nullopt;
    numbers[i] = *value;
  }
  auto const& elsewhere = reply.items[8];
  auto const& learnt = reply.items[9];
  if (elsewhere.is != engine_reply::kind::text || learnt.is != engine_reply::kind::text) return std::nullopt;
  budget_answer answer;
  auto& word = answer.word;
  word.epoch = numbers[0];
  word.slots = {numbers[1], numbers[2]};
  word.yields = {numbers[3] != 0, numbers[4] != 0};
  word.in_flight = numbers[5];
  word.seen = {numbers[6], numbers[7], number_in(elsewhere.text)};
  if (!learnt.text.empty()) {
    word.learnt = read_memory(learnt.text, numbers[10], word.epoch);
    if (!word.learnt) return std::nullopt;
  }
  answer.members = std::max<std::uint64_t>(numbers[11], 1);
  word.gateways = numbers[12];
  return answer;
}

script_call presence_call(const budget_place& where) {
  script_call call{presence_script()};
  call.keys = {where.keys.budget_members()};
  call.values = {where.replica};
  return call;
}

std::optional<std::uint64_t> read_presence(const engine_reply& reply) {
  auto const members = count_in(reply);
  return members ? std::optional{std::max<std::uint64_t>(*members, 1)} : std::nullopt;
}

std::optional<std::string_view> changed_account(std::string_view message, std::string_view replica) {
  if (next_word(message) != "slots") return std::nullopt;
  auto const whose = next_word(message);
  if ((whose != replica && whose != "*") || message.empty()) return std::nullopt;
  return message;
}

}  // namespace gateway
