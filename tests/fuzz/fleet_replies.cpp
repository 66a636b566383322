// Any replies of the fleet's engine, as every part of a fleet reads them: what comes out is within its bounds, or nothing does. Input:
// RESP.
#include <algorithm>

#include "core/cache/freshness.hpp"
#include "core/fleet/engine_error.hpp"
#include "core/fleet/mark_scripts.hpp"
#include "core/fleet/resp.hpp"
#include "core/fleet/shared_answer.hpp"
#include "core/fleet/shared_budget.hpp"
#include "core/fleet/shared_circuits.hpp"
#include "core/fleet/tier_claim.hpp"
#include "core/limit/circuit.hpp"
#include "target.hpp"

namespace gateway {
namespace {

constexpr std::uint64_t highest_version = std::uint64_t{1} << 52;
constexpr std::uint64_t most_slots = std::uint64_t{1} << 50;

void check_claim(const engine_reply& reply) {
  constexpr std::size_t owners = 3;
  auto const got = read_claim(reply, owners);
  if (!got) return;
  claim(got->owner < owners, "it is of an owner that was asked for");
  claim(got->now >= wall_time{}, "the engine's time can be counted");
  instant const now{mono_time{record_lifetime * 2}, wall_time{record_lifetime * 2}};
  auto const came = arrival_of(shared_answer{}, got->now, now).came;
  claim(came.mono <= now.mono && now.mono - came.mono <= record_lifetime, "an age is neither negative nor longer than a record lives");
}

void check_state(const mark_state& state) {
  claim(state.version <= highest_version, "a version can be counted on from");
  claim(state.floors.believed <= highest_version && state.floors.complete <= highest_version, "so can floors");
}

void check_marks(const engine_reply& reply) {
  if (auto const beat = read_beat(reply))
    claim(beat->version <= highest_version && beat->members.size() <= most_members, "a beat is bounded");
  if (auto const told = read_told(reply)) check_state(told->now);
  auto const found = read_marks(reply);
  if (!found) return;
  check_state(found->now);
  claim(found->marks.size() <= marks_per_page, "a page has an end");
  constexpr std::size_t most = 4;
  mark_table table{most};
  for (auto const& one : found->marks) {
    auto const before = table.floors();
    auto const what = fleet_mark::parse(one.sealed);
    if (what) table.merge(one, *what);
    claim(table.size() <= most, "the table is bounded");
    claim(table.floors().believed >= before.believed && table.floors().complete >= before.complete, "floors only rise");
    auto const call = what && what->is_about_call() ? what->scope().call : std::nullopt;
    if (call) claim(table.newest(*call, {}, {}) >= std::min(one.version, table.floors().believed), "a mark or the floor above it counts");
  }
}

void check_budget(const engine_reply& reply) {
  if (auto const members = read_presence(reply)) claim(*members >= 1 && *members <= most_slots, "one gateway at least");
  auto const answer = read_budget_answer(reply);
  if (!answer) return;
  auto const& word = answer->word;
  claim(answer->members >= 1, "one gateway at least");
  claim(word.slots[0] + word.slots[1] <= 2 * most_slots && word.epoch <= most_slots, "numbers can be counted on from");
  if (word.learnt) claim(word.learnt->limit >= 1 && word.learnt->refused_mark < word.epoch, "a limit lets something through");
}

void check_circuits(const engine_reply& reply) {
  static const circuit_place where{engine_keys{"sg"}, "ab", "host"};
  auto const account_of = [](std::string_view name) { return name == "other" ? std::nullopt : std::optional{name.size()}; };
  auto const words = read_circuits(where, reply, account_of);
  if (!words) return;
  claim(words->size() <= reply.items.size(), "no more than were said");
  constexpr mono_time now{std::chrono::hours{1}};
  constexpr backoff_policy rules{std::chrono::seconds{1}, std::chrono::seconds{30}};
  for (auto const& [whose, word] : *words) {
    claim(whose.what <= resource::none, "it is of a resource that there is");
    claim(whose.is != circuit_name::sort::host || whose.account == 0, "the host belongs to no account");
    claim(word.number <= most_slots, "a number can be counted on from");
    circuit one{rules};
    one.share(true);
    one.take(&word, true, 0, now);
    claim(one.half_open_at() <= now + rules.longest, "no pause is endless");
    claim(one.is_closed() == (!word.open || word.open_for.count() == 0), "it is open as long as the word says");
  }
}

void check_error(std::string_view text) {
  constexpr std::size_t longest = 160 * 6 + 200;  // each byte escaped, and the advice
  auto const said = explained(text);
  claim(said.size() <= longest, "a line of the log is bounded");
  claim(std::ranges::none_of(said, [](char c) { return static_cast<unsigned char>(c) < ' '; }), "nothing in it moves a terminal's cursor");
  engine_address from;
  from.host = "engine";
  auto const to = moved_to(text, from);
  if (to) claim(to->port != 0 && !to->host.empty(), "a place that can be dialled");
  if (auto const account = changed_account(text, "ab")) claim(!account->empty() && lies_within(*account, text), "an account has a name");
}

void check(const engine_reply& reply) {
  check_claim(reply);
  check_marks(reply);
  check_budget(reply);
  check_circuits(reply);
  check_error(reply.text);
  if (auto const next = read_sweep(reply)) claim(!next->empty() && next->size() <= 20, "a cursor is bounded");
  for (auto const& item : reply.items) check(item);
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto rest = text_of(data, size);
  resp_reader reader;
  while (!rest.empty()) {
    auto const state = reader.read(rest);
    if (state == resp_reader::progress::broken) break;
    if (state == resp_reader::progress::whole) check(reader.take());
  }
  return 0;
}
