#pragma once
// One thread with its event loop and the connections that live on it.
// Thread rule: start, close_idle, wake_all and stop may be called from any thread; the rest is the worker's own.
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstddef>
#include <thread>
#include <unordered_set>

#include "async.hpp"
#include "https_connection.hpp"
#include "twilio.hpp"

namespace simulator {

class worker {
public:
  worker(asio::ssl::context& tls, twilio& world, std::chrono::seconds idle_timeout)
      : tls_(tls), world_(world), idle_timeout_(idle_timeout) {}
  ~worker() { stop(); }

  asio::io_context& context() { return context_; }
  void run();  // starts the thread
  void adopt(tcp_socket socket, std::uint64_t number);
  std::size_t close_idle();  // waits for the worker's answer
  void wake_all();
  void stop();  // ends every connection and joins

private:
  task<void> keep(tcp_socket socket, std::uint64_t number);
  task<void> sweep();

  asio::ssl::context& tls_;
  twilio& world_;
  std::chrono::seconds idle_timeout_;
  asio::io_context context_{1};
  steady_timer sweeper_{context_.get_executor()};
  std::unordered_set<https_connection*> connections_;
  bool stopping_ = false;
  std::thread thread_;
};

// What a coroutine's end means for the program: an exception is a bug and is said aloud.
void report_escaped(std::exception_ptr escaped);

}  // namespace simulator
