// Event Streams: which events a call has, how a delivery is signed, and how deliveries become what a sink must endure.
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>

#include "accounts.hpp"
#include "event_schedule.hpp"
#include "webhook_queue.hpp"

namespace simulator::event_test {

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

const sim_time start = *parse_rfc3339("2026-03-01T12:00:00Z");
const std::string owner = numbered_sid("AC", 1);

call_facts call_ending_now(unsigned number = 1) {
  call_facts call;
  call.sid = numbered_sid("CA", number);
  call.account_sid = owner;
  call.ended_at = start;
  return call;
}

sink plain_sink() {
  sink made;
  made.sid = numbered_sid("DG", 1);
  made.account_sid = owner;
  made.destination = "https://hooks.example/events";
  return made;
}

const std::vector<std::string> all_types{std::string{partial_event}, std::string{predicted_event}, std::string{complete_event}};

// A queue with one sink for all events of a call, and the events that are due when the call is complete.
struct stream {
  explicit stream(const sink& to) {
    queue.put(to);
    queue.subscribe(to.sid, all_types);
    event_schedule schedule{1};
    schedule.follow(call_ending_now(), start);
    for (const due_event& event : schedule.take(start + 30min)) queue.add(event, start + 30min);
  }

  std::vector<webhook> take(sim_time now) {
    return queue.take(now, [](const std::string&) { return std::string{"token"}; });
  }
  // Takes and accepts until nothing is due any more.
  std::vector<std::string> accepted_types(sim_time now) {
    std::vector<std::string> types;
    for (auto taken = take(now); !taken.empty(); taken = take(now))
      for (const webhook& next : taken) {
        const json::value events = json::parse(next.body);
        for (const auto& event : events.as_array()) types.emplace_back(std::string_view{event.at("type").as_string()});
        queue.answered(next.id, 204, "", now);
      }
    return types;
  }

  webhook_queue queue{1};
};

const std::vector<std::string> in_order{all_types[0], all_types[1], all_types[0], all_types[0], all_types[2]};

}  // namespace

TEST(event_signature, is_the_one_that_twilio_computed) {
  const std::string body =
      R"([{"specversion":"1.0","type":"com.twilio.eventstreams.test-event","source":"Sink","id":"AC11111111111111111111111111111111",)"
      R"("dataschema":"https://events-schemas.twilio.com/EventStreams.TestSink/1.json","datacontenttype":"application/json",)"
      R"("time":"2026-06-10T06:02:54.377Z","data":{"test_id":"cae2f9e2-c277-4612-8ad3-93c1a7a3ef88"}}])";
  const signed_url to = sign("https://96e5-165-225-114-134.ngrok-free.app/webhook", body, std::string(32, '1'), signing::right);
  EXPECT_EQ(
      to.url,
      "https://96e5-165-225-114-134.ngrok-free.app/webhook?bodySHA256=f4dc494f1e604a19df36cdd069f7956b1f261dc954ae1c698ed8b4939fd9ab54");
  EXPECT_EQ(to.signature, "qovYYTCoTFG3Ga6KmSrRVvSgwm8=");
}

TEST(event_signature, can_be_wrong_in_each_way) {
  const std::string url = "https://hooks.example/events?a=b", body = R"([{"id":"1"}])", token = "token";
  const signed_url right = sign(url, body, token, signing::right);
  EXPECT_EQ(right.url, url + "&bodySHA256=" + hex_sha256(body));
  EXPECT_EQ(right.signature, base64_hmac_sha1(token, right.url));
  EXPECT_EQ(sign(url, body, token, signing::absent).signature, std::nullopt);
  for (const signing how : {signing::wrong_token, signing::other_url}) {
    EXPECT_EQ(sign(url, body, token, how).url, right.url);
    EXPECT_NE(sign(url, body, token, how).signature, right.signature);
  }
  const signed_url hashless = sign(url, body, token, signing::no_body_hash);
  EXPECT_EQ(hashless.url, url);
  EXPECT_EQ(hashless.signature, base64_hmac_sha1(token, url)) << "a valid signature of a URL without the hash";
  const signed_url swapped = sign(url, body, token, signing::other_body);
  EXPECT_NE(swapped.url, right.url);
  EXPECT_EQ(swapped.signature, base64_hmac_sha1(token, swapped.url)) << "a valid signature of another body";
  const signed_url with_port = sign(url, body, token, signing::default_port);
  EXPECT_EQ(with_port.signature, base64_hmac_sha1(token, "https://hooks.example:443/events?a=b&bodySHA256=" + hex_sha256(body)));
}

TEST(sink_url, is_taken_apart_and_refused) {
  const auto parsed = sink_url::parse("http://[::1]:8090/a?b");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "::1");
  EXPECT_EQ(parsed->port, "8090");
  EXPECT_EQ(parsed->target, "/a?b");
  EXPECT_EQ(parsed->with_port(), "http://[::1]:8090/a?b");
  EXPECT_EQ(sink_url::parse("https://hooks.example")->target, "/");
  EXPECT_EQ(sink_url::parse("https://hooks.example?a")->with_port(), "https://hooks.example:443/?a");
  for (const char* bad : {"", "ftp://a/", "http://", "http:///x", "http://a:0/", "http://a:x/", "http://a:/", "http://a@b/", "http://a/ b"})
    EXPECT_FALSE(sink_url::parse(bad)) << bad;
}

TEST(call_events, agree_with_the_life_of_the_summary) {
  const call_facts call = call_ending_now();
  std::vector<std::string> types;
  for (const event_moment& moment : moments_of(call)) {
    types.emplace_back(moment.type);
    const life there = life_of(call, moment.at), before = life_of(call, moment.at - 1ms);
    if (moment.type == complete_event) {
      EXPECT_EQ(there.at, stage::complete);
      EXPECT_EQ(before.at, stage::partial);
    } else {
      EXPECT_EQ(there.at, stage::partial);
      EXPECT_EQ(there.version, moment.version);
    }
    if (moment.type == partial_event) {
      EXPECT_TRUE(before.at == stage::ended || before.version == moment.version - 1);
    }
  }
  EXPECT_EQ(types, in_order);
}

TEST(call_events, have_the_frame_of_a_cloud_event_and_ids_of_their_own) {
  const call_facts call = call_ending_now();
  std::vector<std::string> ids;
  for (const event_moment& moment : moments_of(call)) {
    const json::object event = summary_event(1, call, moment);
    EXPECT_EQ(event.at("specversion"), "1.0");
    EXPECT_EQ(event.at("source").as_string(), "/v1/Voice/" + call.sid + "/Summary");
    EXPECT_EQ(event.at("time").as_string(), to_rfc3339_ms(moment.at));
    EXPECT_EQ(event.at("data").at("call_sid").as_string(), call.sid);
    EXPECT_EQ(event.at("data").at("end_time").as_string(), "2026-03-01T12:00:00Z");
    EXPECT_EQ(event.at("data").at("processing_state"), moment.type == complete_event ? "complete" : "partial");
    ids.emplace_back(std::string_view{event.at("id").as_string()});
    EXPECT_TRUE(is_sid(ids.back(), "EZ"));
  }
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(event_schedule, gives_what_is_due_and_knows_when_the_next_is) {
  event_schedule schedule{1};
  schedule.follow(call_ending_now(), start);
  EXPECT_EQ(schedule.next(), start + 10min);
  EXPECT_TRUE(schedule.take(start + 10min - 1ms).empty());
  EXPECT_EQ(schedule.take(start + 10min).size(), 1U);
  EXPECT_EQ(schedule.take(start + 29min).size(), 3U);
  EXPECT_EQ(schedule.next(), start + 30min);
  EXPECT_EQ(schedule.take(start + 30min).size(), 1U);
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(event_schedule, begins_again_with_a_call_and_leaves_out_the_past) {
  event_schedule schedule{1};
  schedule.follow(call_ending_now(), start);
  call_facts later = call_ending_now();
  later.ended_at = start + 1h;
  schedule.follow(later, start);
  EXPECT_TRUE(schedule.take(start + 30min).empty());
  EXPECT_EQ(schedule.take(start + 90min).size(), 5U);
  schedule.follow(call_ending_now(2), start + 25min);
  EXPECT_EQ(schedule.take(start + 2h).size(), 1U) << "only `complete` was still to come";
  schedule.follow(call_ending_now(3), start);
  schedule.clear();
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(webhook_queue, delivers_single_events_in_order_one_at_a_time) {
  stream events{plain_sink()};
  EXPECT_EQ(events.take(start + 30min).size(), 1U);
  EXPECT_TRUE(events.take(start + 30min).empty()) << "the first is still under way";
  events.queue.answered(1, 204, "", start + 30min);
  EXPECT_EQ(events.accepted_types(start + 30min), (std::vector<std::string>{in_order.begin() + 1, in_order.end()}));
  EXPECT_EQ(events.queue.pending(), 0U);
}

TEST(webhook_queue, signs_each_delivery_with_the_token_of_the_account_or_of_the_sink) {
  stream events{plain_sink()};
  const webhook first = events.take(start + 30min).at(0);
  EXPECT_EQ(first.to.signature, sign("https://hooks.example/events", first.body, "token", signing::right).signature);
  sink own = plain_sink();
  own.auth_token = "its own";
  stream others{own};
  const webhook other = others.take(start + 30min).at(0);
  EXPECT_EQ(other.to.signature, sign("https://hooks.example/events", other.body, "its own", signing::right).signature);
}

TEST(webhook_queue, puts_what_is_due_together_into_a_batch) {
  sink batching = plain_sink();
  batching.batch = true;
  stream events{batching};
  const auto taken = events.take(start + 30min);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(json::parse(taken[0].body).as_array().size(), 5U);
}

TEST(webhook_queue, turns_the_order_round) {
  sink turning = plain_sink();
  turning.reversed = true;
  EXPECT_EQ(stream{turning}.accepted_types(start + 30min), (std::vector<std::string>{in_order.rbegin(), in_order.rend()}));
}

TEST(webhook_queue, delivers_more_than_once_when_told_so) {
  sink doubling = plain_sink();
  doubling.duplicates = 1;
  EXPECT_EQ(stream{doubling}.accepted_types(start + 30min).size(), 2 * in_order.size());
}

TEST(webhook_queue, delivers_late_when_told_so) {
  sink slow = plain_sink();
  slow.delay = 10min;
  slow.jitter = 5min;
  stream events{slow};
  EXPECT_TRUE(events.take(start + 40min - 1ms).empty());
  EXPECT_GE(events.queue.next(), start + 40min);
  EXPECT_EQ(events.accepted_types(start + 45min).size(), in_order.size());
}

TEST(webhook_queue, writes_the_data_as_text_when_told_so) {
  sink textual = plain_sink();
  textual.data_as_text = true;
  const webhook first = stream{textual}.take(start + 30min).at(0);
  const json::value events = json::parse(first.body);
  EXPECT_EQ(json::parse(events.at(0).at("data").as_string()).at("account_sid").as_string(), owner);
}

TEST(webhook_queue, sends_only_what_a_sink_of_the_account_has_subscribed_to) {
  webhook_queue queue{1};
  sink foreign = plain_sink();
  foreign.account_sid = numbered_sid("AC", 2);
  queue.put(foreign);
  queue.subscribe(foreign.sid, all_types);
  sink choosy = plain_sink();
  choosy.sid = numbered_sid("DG", 2);
  queue.put(choosy);
  queue.subscribe(choosy.sid, {all_types[2]});
  queue.put(choosy);                                  // described again: the subscription stays
  queue.subscribe(numbered_sid("DG", 3), all_types);  // there is no such sink
  event_schedule schedule{1};
  schedule.follow(call_ending_now(), start);
  for (const due_event& event : schedule.take(start + 30min)) queue.add(event, start + 30min);
  EXPECT_EQ(queue.pending(), 1U);
}

TEST(webhook_queue, tries_again_with_longer_pauses_until_it_is_accepted) {
  stream events{plain_sink()};
  events.accepted_types(start + 30min);
  delivery_order order;
  order.body = "[]";
  events.queue.send(plain_sink().sid, order, 1);
  sim_time now = start + 1h;
  const std::string body = events.take(now).at(0).body;
  std::uint64_t id = 6;
  for (const auto pause : {1s, 2s, 4s, 8s}) {
    events.queue.answered(id++, pause == 2s ? 0 : 503, "", now);
    EXPECT_EQ(events.queue.next(), now + pause);
    EXPECT_TRUE(events.take(now + pause - 1ms).empty());
    now += pause;
    EXPECT_EQ(events.take(now).at(0).body, body);
  }
  events.queue.answered(id, 204, "", now);
  EXPECT_EQ(events.queue.pending(), 0U);
  EXPECT_EQ(events.queue.log().attempts(), 10U);
  EXPECT_EQ(events.queue.log().accepted(), 6U);
}

TEST(webhook_queue, gives_up_after_four_hours_or_at_once_when_told_so) {
  stream events{plain_sink()};
  events.accepted_types(start + 30min);
  delivery_order order;
  order.body = "[]";
  events.queue.send(plain_sink().sid, order, 1);
  sim_time now = start + 1h;
  const sim_time first = now;
  std::uint64_t id = events.take(now).at(0).id;
  events.queue.answered(id, 403, "", now);
  while (const auto next = events.queue.next()) {
    EXPECT_LE(*next - now, 5min);
    now = *next;
    id = events.take(now).at(0).id;
    events.queue.answered(id, 403, "", now);
  }
  EXPECT_GE(now - first, 4h);
  EXPECT_LE(now - first, 4h + 5min);
  order.retry = false;
  events.queue.send(plain_sink().sid, order, 3);
  for (int i = 0; i < 3; ++i) events.queue.answered(events.take(now).at(0).id, 403, "", now);
  EXPECT_EQ(events.queue.pending(), 0U);
}

TEST(webhook_queue, forgets_what_is_under_way_with_its_sink) {
  stream events{plain_sink()};
  const auto taken = events.take(start + 30min);
  events.queue.clear();
  events.queue.answered(taken.at(0).id, 503, "", start + 30min);
  EXPECT_EQ(events.queue.pending(), 0U);
  EXPECT_EQ(events.queue.next(), std::nullopt);
}

}  // namespace simulator::event_test
