// bench-load: one thread, N keep-alive connections. Closed loop (each connection asks again as soon as it was answered) shows what a
// server can do; open loop (--rate) shows latency, counted from the moment each request was due, not from when it could be sent.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "response_reader.hpp"
#include "summary_requests.hpp"
#include "tool.hpp"

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

struct plan {
  sockaddr_in target;
  std::size_t connections;
  nanoseconds length;
  std::uint64_t most_requests;
  double rate;  // 0: closed loop
  std::size_t body_bytes;
};

struct outcome {
  std::uint64_t errors = 0;
  std::string first_error;
  std::uint64_t never_sent = 0;  // due within the run, but no connection was free before its end
  std::vector<std::uint32_t> latencies_ns;
  double seconds = 0;
  double cpu_seconds = 0;
};

struct connection {
  explicit connection(std::size_t body_bytes) : reader(body_bytes) {}
  int socket = -1;
  bool waiting = false;  // a request is under way, due at `start`
  clock::time_point start;
  load::response_reader reader;
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

class generator {
public:
  generator(const plan& wanted, load::summary_requests& requests) : plan_(wanted), requests_(requests), buffer_(256 * 1024) {}

  outcome run() {
    connections_.assign(plan_.connections, connection(plan_.body_bytes));
    for (std::size_t at = 0; at < connections_.size(); ++at) open(at);
    const double cpu_before = cpu_seconds();
    begin_ = now_ = clock::now();
    end_ = begin_ + plan_.length;
    std::array<epoll_event, 256> events{};
    for (;;) {
      send_due();
      const bool over = now_ >= end_ || issued_ == plan_.most_requests || result_.errors >= most_errors;
      if (over && idle_.size() == connections_.size()) break;
      if (now_ >= end_ + drain) {
        fail("no answer within " + std::to_string(drain.count()) + " s of the end", connections_.size() - idle_.size());
        break;
      }
      const timespec wait = patience(over);
      const int ready = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      now_ = clock::now();
      for (int at = 0; at < ready; ++at) receive(events[at].data.u64);
    }
    result_.seconds = std::chrono::duration<double>(now_ - begin_).count();
    result_.cpu_seconds = cpu_seconds() - cpu_before;
    if (plan_.rate > 0 && plan_.most_requests == unlimited) {
      const auto due = static_cast<std::uint64_t>(plan_.rate * std::chrono::duration<double>(plan_.length).count());
      result_.never_sent = due > issued_ ? due - issued_ : 0;
    }
    return std::move(result_);
  }

  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};

private:
  static constexpr std::uint64_t most_errors = 1000;
  static constexpr auto drain = 2s;

  void open(std::size_t which) {
    connection& opened = connections_[which];
    opened = connection(plan_.body_bytes);
    opened.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(opened.socket, reinterpret_cast<const sockaddr*>(&plan_.target), sizeof plan_.target) != 0)
      tool::stop_with_errno("connect");
    fcntl(opened.socket, F_SETFL, O_NONBLOCK);
    tool::set_no_delay(opened.socket);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = which;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, opened.socket, &event) != 0) tool::stop_with_errno("epoll_ctl");
    idle_.push_back(which);
  }

  void fail(std::string why, std::uint64_t count = 1) {
    if (result_.errors == 0) result_.first_error = std::move(why);
    result_.errors += count;
  }

  void reopen(std::size_t which, std::string why) {
    fail(std::move(why));
    close(connections_[which].socket);
    std::erase(idle_, which);
    open(which);
  }

  clock::time_point due(std::uint64_t request) const {
    return begin_ + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(static_cast<double>(request) / plan_.rate));
  }

  // Longest idle first, so that an open loop uses all its connections.
  void send_due() {
    while (!idle_.empty() && issued_ < plan_.most_requests && now_ < end_ && result_.errors < most_errors) {
      const auto start = plan_.rate > 0 ? due(issued_) : now_;
      if (start > now_ || start >= end_) return;
      const std::size_t which = idle_.front();
      idle_.pop_front();
      send_one(which, start);
    }
  }

  void send_one(std::size_t which, clock::time_point start) {
    connection& to = connections_[which];
    const std::string_view request = requests_.next();
    to.start = start;
    to.waiting = true;
    ++issued_;
    // An idle connection's send buffer is empty: a short count means that something is wrong.
    const ssize_t sent = send(to.socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) reopen(which, "send: " + std::generic_category().message(errno));
  }

  void receive(std::size_t which) {
    connection& from = connections_[which];
    const ssize_t got = recv(from.socket, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return reopen(which, got == 0 ? "the server closed a connection" : "recv: " + std::generic_category().message(errno));
    if (!from.waiting) return reopen(which, "bytes that nobody asked for");
    const auto state = from.reader.feed({buffer_.data(), static_cast<std::size_t>(got)});
    if (state == load::progress::more) return;
    if (state == load::progress::broken) return reopen(which, from.reader.problem());
    now_ = clock::now();
    from.waiting = false;
    if (from.reader.problem().empty()) {
      const auto took = std::chrono::duration_cast<nanoseconds>(now_ - from.start).count();
      result_.latencies_ns.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
    } else {
      fail(from.reader.problem());
    }
    idle_.push_back(which);
    send_due();
  }

  // An open loop never sleeps: waking an idle virtual core costs 20 to 70 µs, which would be told as the server's latency.
  timespec patience(bool over) const {
    if (plan_.rate > 0) return {};
    const auto left = std::max(nanoseconds{0}, std::chrono::duration_cast<nanoseconds>((over ? end_ + drain : end_) - now_)).count();
    return {left / 1'000'000'000, left % 1'000'000'000};
  }

  const plan plan_;
  load::summary_requests& requests_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<char> buffer_;
  std::vector<connection> connections_;
  std::deque<std::size_t> idle_;
  std::uint64_t issued_ = 0;
  clock::time_point begin_, end_, now_;
  outcome result_;
};

double percentile_us(std::vector<std::uint32_t>& values, double part) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at / 1e3;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter < ' ' || letter > '~' ? '?' : letter;  // whatever a server sent, the output stays JSON
  }
  return result + '"';
}

}  // namespace

int main(int argc, char** argv) {
  enum { target, connections, seconds, requests, rate, keys, order, seed, body_bytes, authorization };
  std::array flags{
      tool::flag{"--target", "127.0.0.1:8080", "the server"},
      tool::flag{"--connections", "64", "keep-alive connections"},
      tool::flag{"--seconds", "2", "length of the run"},
      tool::flag{"--requests", "", "stop after that many, e.g. each key once"},
      tool::flag{"--rate", "0", "requests per second, open loop; 0 = closed loop"},
      tool::flag{"--keys", "1", "distinct Call SIDs"},
      tool::flag{"--order", "round-robin", "round-robin or random"},
      tool::flag{"--seed", "1", "decides the SIDs and the random order"},
      tool::flag{"--body-bytes", "0", "the Content-Length that every answer must have; 0 = any"},
      // The simulator's account AC…01 with its token.
      tool::flag{"--authorization", "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpwYXJlbnQtdG9rZW4=", "value of the header"},
  };
  tool::read_flags(argc, argv, flags);
  const std::string& wanted_order = flags[order].value;
  if (wanted_order != "round-robin" && wanted_order != "random") tool::stop(tool::bad_usage, "--order is round-robin or random");
  const auto length = std::chrono::duration<double>(tool::number<double>(flags[seconds], 0.01, 3600));
  const plan wanted{
      .target = tool::address(flags[target]),
      .connections = tool::number<std::size_t>(flags[connections], 1, 10000),
      .length = std::chrono::duration_cast<nanoseconds>(length),
      .most_requests =
          flags[requests].value.empty() ? generator::unlimited : tool::number<std::uint64_t>(flags[requests], 1, 1'000'000'000),
      .rate = tool::number<double>(flags[rate], 0, 1e6),
      .body_bytes = tool::number<std::size_t>(flags[body_bytes], 0, 1 << 30),
  };
  const auto key_count = tool::number<std::size_t>(flags[keys], 1, 10'000'000);
  load::summary_requests made(flags[target].value, flags[authorization].value, key_count,
                              wanted_order == "random" ? load::key_order::random : load::key_order::round_robin,
                              tool::number<std::uint64_t>(flags[seed], 0, ~std::uint64_t{0}));
  outcome result = generator(wanted, made).run();
  const auto counted = result.latencies_ns.size();
  const double p50 = percentile_us(result.latencies_ns, 0.50);
  const double p99 = percentile_us(result.latencies_ns, 0.99);
  std::printf(
      R"({"requests":%zu,"errors":%llu,"first_error":%s,"never_sent":%llu,"seconds":%.6f,"p50_us":%.1f,"p99_us":%.1f,"cpu_seconds":%.6f})"
      "\n",
      counted, static_cast<unsigned long long>(result.errors), quoted(result.first_error).c_str(),
      static_cast<unsigned long long>(result.never_sent), result.seconds, p50, p99, result.cpu_seconds);
  return result.errors == 0 ? 0 : 1;
}
