// Pipelined requests: answered in order, in one write if possible, however their bytes are split.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"

namespace gateway::test::session_pipeline_test {
namespace {

using lines = std::vector<std::string>;

TEST(session_pipeline, one_request_one_answer) {
  session_bench bench;
  bench.start();
  bench.send(get("/a"));
  EXPECT_EQ(bench.received(), "GET /a keep\n");
  EXPECT_FALSE(bench.ended());
  EXPECT_TRUE(bench.service.accounts_balance());
  bench.client.close();
  bench.run();
  EXPECT_TRUE(bench.ended());
}

TEST(session_pipeline, requests_that_come_together_are_answered_in_order_by_one_write) {
  session_bench bench;
  bench.start();
  std::string requests, answers;
  for (int i = 0; i < 40; ++i) {
    auto const path = "/" + std::to_string(i);
    requests += get(path);
    answers += "GET " + path + " keep\n";
  }
  ASSERT_LT(requests.size(), 4096U);  // fits into one read
  bench.send(requests);
  EXPECT_EQ(bench.received(), answers);
  EXPECT_EQ(bench.writes(), 1);
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_pipeline, time_of_the_answers_of_a_batch_does_not_run_backwards) {
  session_bench bench;
  auto const before = mono_now();
  bench.start();
  bench.send(get("/a") + get("/b") + get("/c"));
  auto const elapsed = mono_now() - before;
  ASSERT_EQ(bench.service.ledgers.size(), 3U);
  for (auto const& ledger : bench.service.ledgers) {
    for (std::size_t i = 0; i < hop_count; ++i) EXPECT_GE(ledger.spent(static_cast<hop>(i)).count(), 0);
    EXPECT_LE(ledger.total(), elapsed);
  }
}

TEST(session_pipeline, a_request_that_trickles_in_is_counted_as_reading_and_one_that_comes_whole_is_not) {
  session_bench bench;
  bench.start();
  bench.send(get("/a") + "GET /b HTTP/1.1\r\nHo");
  auto const pause = std::chrono::milliseconds{1};
  for (auto const until = mono_now() + pause; mono_now() < until;) continue;
  bench.send("st: h\r\n\r\n");
  ASSERT_EQ(bench.service.ledgers.size(), 2U);
  EXPECT_EQ(bench.service.ledgers[0].spent(hop::read).count(), 0);
  EXPECT_GE(bench.service.ledgers[1].spent(hop::read), pause);
  EXPECT_GE(bench.service.ledgers[1].total(), bench.service.ledgers[1].spent(hop::read));
}

// All that a session can meet in one batch: immediate and waiting answers, HEAD, empty lines, and a last request that closes.
struct script {
  std::string requests = get("/a") + get("/wait/1") + "\r\n\r\n" + "HEAD /b HTTP/1.1\r\nHost: h\r\nX-Request-Id: r-1\r\n\r\n" +
                         get("/big/5") + get("/wait/2", "Accept: */*\r\n") + "\r\n" + get("/c", "Connection: close\r\n");
  std::string answers = "GET /a keep\nGET /wait/1 keep\nHEAD /b keep\nGET /big/5 keep.....\nGET /wait/2 keep\nGET /c close\n";
};

void wake_whoever_waits(session_bench& bench) {
  while (bench.service.waiting() > 0) {
    bench.service.wake_all();
    bench.run();
  }
}

TEST(session_pipeline, a_read_split_at_any_byte_changes_nothing) {
  script const one;
  for (std::size_t split = 0; split <= one.requests.size(); ++split) {
    session_bench bench;
    bench.start();
    bench.send(one.requests.substr(0, split));
    wake_whoever_waits(bench);
    bench.send(one.requests.substr(split));
    wake_whoever_waits(bench);
    ASSERT_EQ(bench.received(), one.answers) << "split at " << split;
    ASSERT_TRUE(bench.ended()) << "split at " << split;
    ASSERT_TRUE(bench.service.accounts_balance()) << "split at " << split;
  }
}

TEST(session_pipeline, reads_of_any_size_change_nothing) {
  script const one;
  for (std::size_t size = 1; size <= one.requests.size(); ++size) {
    session_bench bench;
    bench.limit_reads(size);
    bench.start();
    bench.send(one.requests);
    wake_whoever_waits(bench);
    ASSERT_EQ(bench.received(), one.answers) << "reads of " << size;
    ASSERT_TRUE(bench.service.accounts_balance()) << "reads of " << size;
  }
}

TEST(session_pipeline, writes_of_any_size_change_nothing) {
  script const one;
  for (std::size_t size = 1; size <= one.answers.size(); ++size) {
    session_bench bench;
    bench.limit_writes(size);
    bench.start();
    bench.send(one.requests);
    wake_whoever_waits(bench);
    ASSERT_EQ(bench.received(), one.answers) << "writes of " << size;
    ASSERT_TRUE(bench.service.accounts_balance()) << "writes of " << size;
  }
}

TEST(session_pipeline, what_is_ready_is_sent_before_anybody_waits) {
  session_bench bench;
  bench.start();
  bench.send(get("/a") + get("/b") + get("/wait/1") + get("/c") + get("/wait/2") + get("/d"));
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b keep\n");
  EXPECT_EQ(bench.service.accounted.size(), 2U);
  EXPECT_EQ(bench.service.asked, (lines{"/a", "/b", "/wait/1"}));  // later requests wait in the buffer

  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b keep\nGET /wait/1 keep\nGET /c keep\n");
  bench.service.wake("/wait/2");
  bench.run();
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b keep\nGET /wait/1 keep\nGET /c keep\nGET /wait/2 keep\nGET /d keep\n");
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_pipeline, nothing_is_read_while_an_answer_is_waited_for) {
  session_bench bench;
  bench.start();
  bench.send(get("/wait/1"));
  bench.send(get("/b"));
  bench.send(get("/c"));
  EXPECT_EQ(bench.service.asked, lines{"/wait/1"});
  EXPECT_EQ(bench.received(), "");
  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_EQ(bench.received(), "GET /wait/1 keep\nGET /b keep\nGET /c keep\n");
}

TEST(session_pipeline, a_client_that_leaves_while_it_waits_is_still_accounted_for) {
  session_bench bench;
  bench.start();
  bench.send(get("/a") + get("/wait/1") + get("/b"));
  bench.client.close();
  bench.run();
  EXPECT_FALSE(bench.ended());  // the answer has its own deadline
  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_pipeline, what_is_held_for_a_client_is_bounded_by_one_batch) {
  constexpr std::size_t max_batch = 64 * 1024;
  session_bench bench;
  bench.start();
  std::string requests;
  std::size_t size = 0;
  for (int i = 0; i < 1000; ++i) {
    requests += get("/big/9000");
    size += std::string_view{"GET /big/9000 keep\n"}.size() + 9000;
  }
  bench.send(requests);
  EXPECT_EQ(bench.received().size(), size);
  EXPECT_LT(bench.service.largest_backlog, max_batch);
  EXPECT_GT(bench.service.largest_backlog, max_batch / 2);  // sent in batches all the same
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_pipeline, many_small_requests_in_one_flood) {
  session_bench bench;
  bench.start();
  std::string requests, answers;
  for (int i = 0; i < 5000; ++i) {
    requests += get("/x");
    answers += "GET /x keep\n";
  }
  bench.send(requests);
  EXPECT_EQ(bench.received(), answers);
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_pipeline, a_head_as_large_as_allowed_passes_wherever_it_lies_in_the_buffer) {
  head_limits const allowed;
  std::string const fixed = get("/a", "X-Filler: \r\n");
  auto const largest = get("/a", "X-Filler: " + std::string(allowed.max_bytes - fixed.size(), 'f') + "\r\n");
  ASSERT_EQ(largest.size(), allowed.max_bytes);
  for (std::size_t before = 0; before < 5000; before += 997) {
    session_bench bench;
    bench.start();
    std::string filler;
    while (filler.size() < before) filler += get("/x");
    bench.send(filler + largest + largest + get("/end"));
    EXPECT_TRUE(bench.received().ends_with("GET /a keep\nGET /a keep\nGET /end keep\n")) << before;
    EXPECT_TRUE(bench.service.refused.empty());
  }
}

}  // namespace
}  // namespace gateway::test::session_pipeline_test
