#include "sink_sender.hpp"

#include <boost/asio/co_spawn.hpp>

#include "worker.hpp"

namespace simulator {
namespace {

namespace http = boost::beast::http;

constexpr std::chrono::seconds patience{5};

sink_connection::request request_for(const webhook& next) {
  const sink_url asked = sink_url::parse(next.to.url).value();
  sink_connection::request message{http::verb::post, asked.target, 11};
  message.set(http::field::host, asked.authority);
  message.set(http::field::user_agent, "twilio-simulator");
  message.set(http::field::content_type, "application/json");
  if (next.to.signature) message.set("X-Twilio-Signature", *next.to.signature);
  for (const auto& [name, value] : next.headers) message.set(name, value);
  message.body() = next.body;
  message.prepare_payload();
  return message;
}

}  // namespace

sink_sender::sink_sender(asio::io_context& context, twilio& world) : context_(context), world_(world), timer_(context.get_executor()) {
  asio::co_spawn(context_, watch(), report_escaped);
}

task<void> sink_sender::watch() {
  for (;;) {
    due_webhooks due = world_.take_webhooks(real_now());
    for (webhook& next : due.now) asio::co_spawn(context_, deliver(std::move(next)), report_escaped);
    timer_.expires_at(due.next.value_or(real_time::max()));
    co_await timer_.async_wait(yielding);
  }
}

sink_sender::connection_ptr sink_sender::idle_connection(const std::string& sink_sid) {
  auto& waiting = idle_[sink_sid];
  if (waiting.empty()) return {};
  connection_ptr taken = std::move(waiting.back());
  waiting.pop_back();
  return taken;
}

task<sink_connection::outcome> sink_sender::exchange(connection_ptr connection, bool fresh, const webhook& next,
                                                     const sink_connection::request& message) {
  steady_timer deadline{context_.get_executor()};
  deadline.expires_after(patience);
  const auto give_up = [connection](const boost::system::error_code& cancelled) {
    if (!cancelled) connection->close();
  };
  deadline.async_wait(give_up);
  std::string problem;
  if (fresh) {
    const sink_url named = sink_url::parse(next.to.url).value();
    problem = co_await connection->open(next.dialled, named.host, next.ca_pem);
  }
  sink_connection::outcome ended{problem};
  if (problem.empty()) {
    sink_connection::outcome answered = co_await connection->exchange(message);
    ended = answered;
  }
  if (connection->closed()) ended.error = "no answer within 5 s (Twilio's error 91308)";
  co_return ended;
}

task<void> sink_sender::deliver(webhook next) {
  const sink_connection::request message = request_for(next);
  connection_ptr connection = idle_connection(next.sink_sid);
  sink_connection::outcome ended;
  if (connection) {
    sink_connection::outcome reused = co_await exchange(connection, false, next, message);
    ended = reused;
  }
  // Without an idle connection, or if the sink has closed it meanwhile: a new one.
  if (ended.status == 0 && !(connection && connection->closed())) {
    connection = std::make_shared<sink_connection>(context_);
    sink_connection::outcome first = co_await exchange(connection, true, next, message);
    ended = first;
  }
  if (ended.reusable) idle_[next.sink_sid].push_back(connection);
  world_.webhook_answered(next.id, ended.status, ended.error, real_now());
  look();
}

}  // namespace simulator
