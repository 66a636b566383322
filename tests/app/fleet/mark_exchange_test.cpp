// What a gateway does with the marks that an engine gives it, and with its own while the engine takes none. The scenarios have a real one.
#include "app/fleet/mark_exchange.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "cache/entries.hpp"
#include "io/runtime/clock.hpp"

namespace gateway::test::mark_exchange_test {
namespace {

constexpr short_hash_key table_key{std::byte{2}};
constexpr fingerprint_key credential_key{std::byte{1}};

engine_reply text(std::string_view value) {
  engine_reply made;
  made.is = engine_reply::kind::text;
  made.text = value;
  return made;
}

engine_reply list(std::vector<engine_reply> items) {
  engine_reply made;
  made.is = engine_reply::kind::array;
  made.items = std::move(items);
  return made;
}

// An engine that says what the test wants. It numbers the marks that it is told.
class played_engine final : public engine {
public:
  bool is_away = false;
  std::string incarnation = "first";
  std::uint64_t version = 0;
  mark_floors floors;
  std::vector<written_mark> marks;
  std::size_t told = 0;
  std::size_t published = 0;
  std::vector<std::string> messages;   // that were published
  std::vector<std::string> last_keys;  // of the last marks

  task<engine_answer> run(executor, script_call call) override {
    auto answer = is_away ? engine_answer{engine_trouble::away} : engine_answer{reply_to(call)};
    co_return answer;
  }

private:
  [[nodiscard]] std::string now() const { return std::to_string(version); }
  engine_reply state_and(engine_reply last) const {
    return list(
        {text(incarnation), text(now()), text(std::to_string(floors.believed)), text(std::to_string(floors.complete)), std::move(last)});
  }
  engine_reply reply_to(const script_call& call) {
    if (call.keys.size() == 3) return list({text(incarnation), text(now()), list({text(call.values.at(0))})});
    if (call.keys.size() == 1) {
      published = call.values.size() - 1;
      messages.insert(messages.end(), call.values.begin() + 1, call.values.end());
      return text("0");
    }
    return call.values.size() == 2 ? page_above(std::stoull(call.values.front())) : take(call);
  }
  engine_reply page_above(std::uint64_t above) const {
    std::vector<engine_reply> page;
    for (auto const& one : marks) {
      if (one.version <= above) continue;
      page.push_back(text(one.name));
      page.push_back(text(std::to_string(one.version)));
      page.push_back(text(one.sealed));
    }
    return state_and(list(std::move(page)));
  }
  engine_reply take(const script_call& call) {
    std::vector<engine_reply> versions;
    for (std::size_t n = 4; n < call.values.size(); n += 5) {
      if (call.values[n + 2] != "0") continue;
      ++told;
      last_keys = call.keys;
      marks.push_back({call.values[n], ++version, call.values[n + 4]});
      versions.push_back(text(now()));
    }
    return state_and(list(std::move(versions)));
  }
};

fleet_keys some_keys() { return *fleet_keys::parse(std::string(64, 'a'), "api.twilio.com"); }

struct mark_exchange_test : testing::Test {
  worker home{1};
  played_engine link;
  fleet_keys keys = some_keys();
  snapshot_guard disk{"", table_key};
  party_guard parties{credential_key};
  shared_cache cache{{1 << 20, 1 << 20}, table_key, nullptr, &parties};
  party_eraser eraser{cache, parties, disk};
  authorized_cache visible{cache, credential_settings(), credential_key};
  polled_calls polled{look_rules{}, table_key};
  file_thread files{home};
  mark_exchange marks{home, link, keys, "sg", {cache, visible, disk, polled, eraser}, "", files};

  void begin() { home.start_task("marks", marks.run()); }
  void until(const std::function<bool()>& is_so) {
    for (auto const latest = mono_now() + std::chrono::seconds{10}; !is_so();) {
      ASSERT_LT(mono_now(), latest) << "it does not happen";
      home.loop.run_one_for(std::chrono::seconds{1});
    }
  }
  void TearDown() override {
    home.enter(worker_phase::ending);
    marks.stop();
    home.loop.run();
  }

  // A mark of another gateway.
  void others_write(const fleet_mark& what) {
    auto const name = keys.name_of("mark", what.text());
    link.marks.push_back({name, ++link.version, keys.seal().close("mark", name, seal_nonce{}, what.text())});
    marks.on_message("mark " + std::to_string(link.version));
  }
  void store(unsigned call) {
    auto const key = of_call(call);
    cache.insert(key, made_answer(answer_kind::complete, account_number(1), at({}), at({})), cache.generation(key.call), both({}));
  }
  static cache_key of_call(unsigned call) { return {partition{}, call_number(call), table_key}; }
  lru_store::found stored(unsigned call) { return cache.find(of_call(call), both({})); }
};

fleet_mark purge_of(unsigned call, purge_depth how) { return fleet_mark::of_purge({call_number(call), {}}, how); }

TEST_F(mark_exchange_test, a_mark_of_another_gateway_is_applied_here) {
  for (unsigned call : {1U, 2U, 3U}) store(call);
  begin();
  until([&] { return marks.is_current(); });
  others_write(purge_of(1, purge_depth::hard));
  others_write(purge_of(2, purge_depth::soft));
  until([&] { return marks.version() == 2; });
  EXPECT_FALSE(stored(1).stored);
  EXPECT_TRUE(stored(2).stored);
  EXPECT_TRUE(stored(2).purged);
  EXPECT_FALSE(stored(3).purged);
  EXPECT_EQ(marks.newest(of_call(1), {}), 1U);
  EXPECT_EQ(marks.newest(of_call(3), {}), 0U);
}

TEST_F(mark_exchange_test, a_party_that_another_gateway_erases_leaves_this_one_which_confirms_it) {
  auto const who = parties.hash_of("+4930123456");
  auto made = made_answer(answer_kind::complete, account_number(1), at({}), at({}));
  made->plain.wire = R"({"from":{"caller":"+49 30 123456"}})";
  cache.insert(of_call(1), made, cache.generation(call_number(1)), both({}));
  store(2);
  std::vector<std::pair<std::string, std::uint64_t>> confirmed;
  marks.on_erased([&](const digest& what, const std::string& gateway, std::uint64_t taken) {
    if (what == who) confirmed.emplace_back(gateway, taken);
  });
  begin();
  until([&] { return marks.is_current(); });
  others_write(fleet_mark::of_erasure(who));
  until([&] { return link.messages.size() >= 3; });
  EXPECT_FALSE(stored(1).stored);
  EXPECT_TRUE(stored(2).stored);
  EXPECT_EQ(marks.newest(of_call(2), {}), 1U) << "nothing that was claimed before it is believed";
  for (auto const& one : link.messages) marks.on_message(one);
  ASSERT_EQ(confirmed.size(), 3U) << "messages may be lost, so it is told three times";
  EXPECT_EQ(confirmed.front(), std::pair(marks.replica(), std::uint64_t{1}));
  marks.on_message("erased by nobody");
  EXPECT_EQ(confirmed.size(), 3U);
}

TEST_F(mark_exchange_test, its_own_erasure_is_told_and_the_engine_is_swept_once) {
  begin();
  until([&] { return marks.is_current(); });
  auto const number = marks.erase(digest{std::byte{1}});
  EXPECT_EQ(marks.newest(of_call(1), {}), mark_table::not_yet_written);
  EXPECT_FALSE(marks.is_swept(number));
  until([&] { return marks.is_swept(number); });
  EXPECT_EQ(marks.state_of(number), telling::done);
  EXPECT_FALSE(marks.is_swept(number + 1));
}

TEST_F(mark_exchange_test, what_no_key_opens_still_counts_for_what_the_engine_holds) {
  store(1);
  begin();
  until([&] { return marks.is_current(); });
  link.marks.push_back({"name", ++link.version, "sealed by others"});
  marks.on_message("mark 1");
  until([&] { return marks.version() == 1; });
  EXPECT_EQ(marks.newest(of_call(1), {}), 1U) << "nothing that was claimed before it is believed";
  EXPECT_TRUE(stored(1).stored);
  EXPECT_EQ(marks.figures().unreadable, 1U);
}

TEST_F(mark_exchange_test, a_gateway_that_missed_marks_trusts_nothing_that_it_has) {
  struct {
    mark_floors floors;
    bool is_gone;
  } const cases[]{{{0, 5}, false}, {{5, 5}, true}};
  begin();
  for (auto const& one : cases) {
    store(1);
    link.version = marks.version() + 9;
    link.floors = {one.floors.believed > 0 ? link.version : 0, link.version};
    marks.on_message("mark");
    until([&] { return marks.version() == link.version; });
    EXPECT_EQ(stored(1).stored == nullptr, one.is_gone);
    EXPECT_TRUE(one.is_gone || stored(1).purged);
  }
}

TEST_F(mark_exchange_test, a_purge_is_pending_while_the_engine_is_away_and_done_when_it_is_back) {
  link.is_away = true;
  begin();
  auto const number = marks.purge({call_number(1), {}}, purge_depth::hard);
  EXPECT_EQ(marks.state_of(number), telling::waiting);
  until([&] { return marks.state_of(number) != telling::waiting; });
  EXPECT_EQ(marks.state_of(number), telling::pending);
  EXPECT_EQ(marks.newest(of_call(1), {}), mark_table::not_yet_written);
  EXPECT_FALSE(marks.is_current());
  link.is_away = false;
  marks.on_connect();
  until([&] { return marks.state_of(number) == telling::done; });
  until([&] { return marks.version() == link.version; });
  EXPECT_EQ(marks.newest(of_call(1), {}), 1U);
  EXPECT_EQ(marks.figures().pending, 0U);
}

TEST_F(mark_exchange_test, a_mark_about_a_call_takes_the_values_of_the_call_from_the_engine) {
  begin();
  for (auto const& what : {purge_of(1, purge_depth::hard), purge_of(1, purge_depth::soft), fleet_mark::of_change(call_number(1))}) {
    link.last_keys.clear();
    if (what.kind == mark_kind::changed) {
      marks.changed(call_number(1));
    } else {
      marks.purge(what.scope(), what.depth());
    }
    until([&] { return !link.last_keys.empty(); });
    EXPECT_EQ(link.last_keys.back(), "{sg}:c:" + keys.name_of("call", call_number(1).view()));
  }
}

TEST_F(mark_exchange_test, its_own_marks_are_not_applied_once_more) {
  begin();
  until([&] { return marks.is_current(); });
  auto const number = marks.purge({call_number(1), {}}, purge_depth::hard);
  store(1);  // what is stored after the purge stays
  until([&] { return marks.state_of(number) == telling::done && marks.version() == 1; });
  EXPECT_TRUE(stored(1).stored);
}

TEST_F(mark_exchange_test, marks_beyond_the_bound_become_one_about_everything) {
  link.is_away = true;
  begin();
  for (std::size_t n = 0; n <= pending_marks::most; ++n) marks.changed(call_number(static_cast<unsigned>(n)));
  EXPECT_EQ(marks.figures().pending, 1U);
  EXPECT_EQ(marks.newest(of_call(9'999'999), {}), mark_table::not_yet_written);
  link.is_away = false;
  marks.on_connect();
  until([&] { return marks.figures().pending == 0; });
  EXPECT_EQ(link.told, 1U);
}

TEST_F(mark_exchange_test, many_refused_strangers_make_few_messages_and_no_mark) {
  for (unsigned n = 0; n < 1000; ++n) marks.refused_unknown(key_number(1, n).owner);
  begin();
  until([&] { return link.published > 0; });
  EXPECT_EQ(link.published, 64U);
  EXPECT_EQ(link.told, 0U);
}

call_event event_about(unsigned call) { return {event_kind::complete, call_number(call), {}, wall_epoch}; }

TEST_F(mark_exchange_test, an_event_reaches_the_other_gateways_without_a_mark) {
  begin();
  until([&] { return marks.is_current(); });
  marks.event(7, event_about(1));
  until([&] { return link.published == 1; });
  EXPECT_EQ(link.told, 0U);
  std::optional<told_event> heard;
  marks.on_event([&](const told_event& one) { heard = one; });
  marks.on_message("event damaged");
  EXPECT_FALSE(heard);
  marks.on_message(link.messages.front());
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->number, 7U);
  EXPECT_EQ(heard->what.call, call_number(1));
}

TEST_F(mark_exchange_test, events_go_out_after_the_marks_about_their_calls) {
  link.is_away = true;
  begin();
  marks.changed(call_number(1));
  marks.event(7, event_about(1));
  link.is_away = false;
  marks.on_connect();
  until([&] { return link.published == 1; });
  EXPECT_EQ(link.told, 1U) << "the engine no longer has what the call's readers would find there";
}

TEST_F(mark_exchange_test, events_that_wait_for_the_engine_have_a_bound) {
  link.is_away = true;
  begin();
  for (unsigned n = 0; n < 5000; ++n) marks.event(n, event_about(n));
  link.is_away = false;
  marks.on_connect();
  until([&] { return link.messages.size() >= 4096 && marks.is_current(); });
  EXPECT_EQ(link.messages.size(), 4096U);
}

TEST_F(mark_exchange_test, after_a_connection_the_marks_are_trusted_only_once_they_are_read) {
  begin();
  until([&] { return marks.is_current(); });
  link.is_away = true;
  marks.on_connect();
  EXPECT_FALSE(marks.is_current());
  link.is_away = false;
  marks.on_connect();
  until([&] { return marks.is_current(); });
}

}  // namespace
}  // namespace gateway::test::mark_exchange_test
