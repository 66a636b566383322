#include "https_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace simulator {
namespace {

std::vector<std::unique_ptr<worker>> hire(asio::ssl::context& tls, twilio& world, unsigned threads, std::chrono::seconds idle_timeout) {
  std::vector<std::unique_ptr<worker>> workers;
  for (unsigned i = 0; i < threads; ++i) workers.push_back(std::make_unique<worker>(tls, world, idle_timeout));
  return workers;
}

}  // namespace

https_server::https_server(const tcp::endpoint& where, asio::ssl::context& tls, twilio& world, unsigned threads,
                           std::chrono::seconds idle_timeout)
    : workers_(hire(tls, world, threads, idle_timeout)), acceptor_(workers_.front()->context().get_executor()) {
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(where);
  acceptor_.listen(4096);
  asio::co_spawn(workers_.front()->context(), accept_all(), report_escaped);
  for (const auto& each : workers_) each->run();
}

task<void> https_server::accept_all() {
  steady_timer breather{workers_.front()->context().get_executor()};
  for (std::uint64_t number = 1;; ++number) {
    worker& next = *workers_[number % workers_.size()];
    auto [error, socket] = co_await acceptor_.async_accept(next.context(), yielding);
    if (!acceptor_.is_open()) co_return;
    if (!error) {
      next.adopt(std::move(socket), number);
      continue;
    }
    breather.expires_after(std::chrono::milliseconds{20});  // out of descriptors: try again when some may be free
    co_await breather.async_wait(yielding);
  }
}

std::size_t https_server::close_idle() {
  std::size_t closed = 0;
  for (const auto& each : workers_) closed += each->close_idle();
  return closed;
}

void https_server::wake_all() {
  for (const auto& each : workers_) each->wake_all();
}

void https_server::stop() {
  if (std::exchange(stopped_, true)) return;
  asio::post(workers_.front()->context(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  });
  for (const auto& each : workers_) each->stop();
}

}  // namespace simulator
