#include "generator.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tool.hpp"

namespace load {

namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr std::uint64_t most_errors = 1000;
constexpr auto drain = 2s;

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

std::string words_of(int error) { return std::generic_category().message(error); }

}  // namespace

generator::generator(const plan& wanted, summary_requests& requests)
    : plan_(wanted),
      requests_(requests),
      tls_(wanted.tls ? tool::client_context() : nullptr),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(256 * 1024) {}

outcome generator::run() {
  connections_.reserve(plan_.connections);
  for (std::size_t at = 0; at < plan_.connections; ++at) {
    connections_.emplace_back(plan_.body_bytes);
    if (!plan_.connect_each) open(at);
    idle_.push_back(at);
  }
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
    const timespec wait = timeout(over);
    const int ready = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    now_ = clock::now();
    for (int at = 0; at < ready; ++at) serve(events[at].data.u64);
  }
  result_.seconds = std::chrono::duration<double>(now_ - begin_).count();
  result_.cpu_seconds = cpu_seconds() - cpu_before;
  if (plan_.rate > 0 && plan_.most_requests == unlimited) {
    const auto all = static_cast<std::uint64_t>(plan_.rate * std::chrono::duration<double>(plan_.length).count());
    result_.never_sent = all > issued_ ? all - issued_ : 0;
  }
  return std::move(result_);
}

// A connection that is kept shakes hands at once: that is before the clock starts, or after an error.
void generator::open(std::size_t which) {
  connection& opened = connections_[which];
  opened = connection(plan_.body_bytes);
  connect_to_target(opened);
  if (!plan_.connect_each && !opened.wire.shake_hands()) tool::stop_with_errno("TLS handshake");
  fcntl(opened.wire.socket(), F_SETFL, O_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = which;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, opened.wire.socket(), &event) != 0) tool::stop_with_errno("epoll_ctl");
}

// On loopback the kernel connects within the call: there is nothing to wait for, so it may block
// (for so long, if a server does not accept or does not shake hands).
void generator::connect_to_target(connection& from) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval timeout{.tv_sec = 10, .tv_usec = 0};
  setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (plan_.connect_each) take_source_address(made);
  if (connect(made, reinterpret_cast<const sockaddr*>(&plan_.target), sizeof plan_.target) != 0) tool::stop_with_errno("connect");
  tool::set_no_delay(made);
  from.wire = tool::channel::client(made, tls_.get());
}

// One address has 28,000 ports, and each rests for a second after its use.
void generator::take_source_address(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(sources_++ % 16));
  if (bind(socket, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) tool::stop_with_errno("bind");
}

void generator::fail(std::string why, std::uint64_t count) {
  if (result_.errors == 0) result_.first_error = std::move(why);
  result_.errors += count;
}

// Whatever was under way there is one error; the connection is made anew.
void generator::give_up(std::size_t which, std::string why) {
  fail(std::move(why));
  connections_[which].wire.close();
  connections_[which].awaited = 0;
  connections_[which].unsent.clear();
  if (!plan_.connect_each) open(which);
  std::erase(idle_, which);
  idle_.push_back(which);
}

generator::clock::time_point generator::due(std::uint64_t request) const {
  return begin_ + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(static_cast<double>(request) / plan_.rate));
}

// Longest idle first, so that an open loop uses all its connections.
void generator::send_due() {
  while (!idle_.empty() && issued_ < plan_.most_requests && now_ < end_ && result_.errors < most_errors) {
    const auto start = plan_.rate > 0 ? due(issued_) : now_;
    if (start > now_ || start >= end_) return;
    const std::size_t which = idle_.front();
    idle_.pop_front();
    send_requests(which, start);
  }
}

void generator::send_requests(std::size_t which, clock::time_point start) {
  if (plan_.connect_each) open(which);
  connection& to = connections_[which];
  to.start = start;
  to.awaited = std::min<std::uint64_t>(plan_.pipelined, plan_.most_requests - issued_);
  issued_ += to.awaited;
  std::string_view bytes = requests_.next();
  if (to.awaited > 1) {
    batch_ = bytes;
    for (std::size_t more = 1; more < to.awaited; ++more) batch_ += requests_.next();
    bytes = batch_;
  }
  // An idle connection's send buffer is empty: a short count means that something is wrong.
  const ssize_t sent = to.wire.send(bytes);
  if (sent < 0 && errno == EAGAIN && plan_.connect_each) {
    to.unsent = bytes;
  } else if (sent != static_cast<ssize_t>(bytes.size())) {
    give_up(which, "send: " + words_of(errno));
  }
}

void generator::serve(std::size_t which) {
  connection& from = connections_[which];
  if (from.wire.socket() < 0) return;  // told of before it was closed
  if (from.unsent.empty() || send_unsent(which)) {
    while (receive(which) && from.wire.has_pending()) {
    }
  }
  send_due();
}

// The handshake's next step; true when it is done and the request is on its way.
bool generator::send_unsent(std::size_t which) {
  connection& to = connections_[which];
  const ssize_t sent = to.wire.send(to.unsent);
  if (sent < 0 && errno == EAGAIN) return false;
  if (sent != static_cast<ssize_t>(to.unsent.size())) {
    give_up(which, "TLS handshake: " + words_of(errno));
    return false;
  }
  to.unsent.clear();
  return true;
}

// False: nothing more can be there.
bool generator::receive(std::size_t which) {
  connection& from = connections_[which];
  const ssize_t got = from.wire.receive(buffer_);
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) {
    give_up(which, got == 0 ? "the server closed a connection" : "recv: " + words_of(errno));
    return false;
  }
  for (std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got)); !bytes.empty();) {
    if (from.awaited == 0) {
      give_up(which, "bytes that nobody asked for");
      return false;
    }
    const auto state = from.reader.feed(bytes);
    if (state == progress::more) break;
    if (state == progress::broken) {
      give_up(which, from.reader.problem());
      return false;
    }
    count_answer(from);
  }
  if (from.awaited > 0) return true;
  answered(which);
  return !plan_.connect_each;
}

void generator::count_answer(connection& from) {
  now_ = clock::now();
  --from.awaited;
  if (!from.reader.problem().empty()) return fail(from.reader.problem());
  const auto took = std::chrono::duration_cast<nanoseconds>(now_ - from.start).count();
  result_.latencies_ns.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
}

void generator::answered(std::size_t which) {
  if (plan_.connect_each) connections_[which].wire.close();
  idle_.push_back(which);
}

// An open loop never sleeps: waking an idle virtual core costs 20 to 70 µs, which would be told as the server's latency.
timespec generator::timeout(bool over) const {
  if (plan_.rate > 0) return {};
  const auto left = std::max(nanoseconds{0}, std::chrono::duration_cast<nanoseconds>((over ? end_ + drain : end_) - now_)).count();
  return {left / 1'000'000'000, left % 1'000'000'000};
}

}  // namespace load
