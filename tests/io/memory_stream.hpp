// A connection in memory: bytes move from one end to the other whenever the test runs the loop.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "io/runtime/task.hpp"

namespace gateway::test {

using boost::beast::test::fail_count;

// The test's own end: it reads what it received and writes without waiting.
class far_end {
public:
  explicit far_end(const executor& where) : inner_(where) {}

  // False if the other end has closed.
  bool send(std::string_view bytes) {
    error_code gone;
    while (!bytes.empty() && !gone) bytes.remove_prefix(inner_.write_some(asio::buffer(bytes), gone));
    return !gone;
  }
  void close() { inner_.close(); }
  // All bytes since the beginning.
  [[nodiscard]] std::string received() const {
    auto const bytes = inner_.str();
    return {bytes.data(), bytes.size()};
  }

private:
  friend class memory_stream;
  boost::beast::test::basic_stream<executor> inner_;
};

// The end that the code under test gets. It adds support for `deferred`, which Beast's own stream lacks.
class memory_stream {
  using inner_stream = boost::beast::test::basic_stream<executor>;

public:
  using executor_type = executor;

  explicit memory_stream(asio::io_context& loop) : inner_(loop.get_executor()) {}
  // The n-th operation fails, and so do all later ones.
  memory_stream(asio::io_context& loop, fail_count& failing) : inner_(loop, failing) {}

  void connect(far_end& other) { inner_.connect(other.inner_); }
  executor get_executor() { return inner_.get_executor(); }
  void close() { inner_.close(); }

  // The largest number of bytes that one operation moves.
  void limit_reads(std::size_t bytes) { inner_.read_size(bytes); }
  void limit_writes(std::size_t bytes) { inner_.write_size(bytes); }
  // The number of writes: a copy of this pointer keeps counting after the stream was moved.
  [[nodiscard]] std::shared_ptr<const int> writes() const { return writes_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(reading(&inner_), token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(writing(&inner_, writes_.get()), token, buffers);
  }

private:
  struct reading {
    explicit reading(inner_stream* from) : on(from) {}
    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      on->async_read_some(buffers, std::forward<Handler>(handler));
    }
    inner_stream* on;
  };
  struct writing {
    writing(inner_stream* to, int* counter) : on(to), count(counter) {}
    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      ++*count;
      on->async_write_some(buffers, std::forward<Handler>(handler));
    }
    inner_stream* on;
    int* count;
  };

  inner_stream inner_;
  std::shared_ptr<int> writes_ = std::make_shared<int>(0);
};

// Runs everything that is ready. A loop that ran out of work must be restarted first.
inline void run_ready(asio::io_context& loop) {
  loop.restart();
  loop.poll();
}

}  // namespace gateway::test
