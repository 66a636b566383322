#include "app/admin/span_exporter.hpp"

#include "core/telemetry/otlp.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"
#include "io/upstream/upstream_network.hpp"

namespace gateway {

span_exporter::span_exporter(worker& at, const tracing_settings& values, const listener_names& names)
    : names_(names),
      at_(at),
      where_(*parse_origin(values.otlp_url)),  // checked when the settings were read
      resolver_(where_, upstream_network::lifetime_of(limits_)),
      connector_(at, limits_, std::make_shared<client_tls>(where_, values.ca_file)),
      sleeping_(std::make_shared<sleeper>(at.get_executor())) {}

void span_exporter::attach(access_queue& from) {
  from.open();
  queues_.push_back(&from);
}

task<void> span_exporter::run() {
  while (!stopping_) {
    co_await sleeping_->sleep_until(mono_now() + interval);
    co_await flush(mono_now() + (stopping_ ? last_deadline : batch_deadline));
  }
  idle_.reset();
  ended_ = true;
}

task<void> span_exporter::flush(mono_time deadline) {
  while (mono_now() < deadline) {
    auto const batch = take_batch();
    if (batch.empty()) co_return;
    bool const delivered = co_await send(batch, deadline);
    (delivered ? exported_ : lost_) += batch.size();
    if (!delivered && !failing_) log_entry(logbook_kind::spans_lost, {{"collector", where_.host_field()}});
    failing_ = !delivered;
    if (!delivered) co_return;  // the queues go on filling, and then their newest are lost
  }
}

std::vector<logged_request> span_exporter::take_batch() {
  std::vector<logged_request> batch;
  for (auto* const one : queues_) {
    auto const share = batch.size() + max_batch / queues_.size();  // a busy lane leaves room for the others
    while (batch.size() < share && one->take_one([&](const logged_request& each) { batch.push_back(each); })) continue;
  }
  return batch;
}

// Sends a batch once, over the last connection if that is still usable.
task<bool> span_exporter::send(const std::vector<logged_request>& batch, mono_time deadline) {
  hop_ledger unused{hop::resolve, mono_now()};
  auto connection = std::move(idle_);
  if (connection && !connection->is_quiet()) connection.reset();
  if (!connection) {
    auto addresses = co_await resolver_.find(at_.get_executor(), deadline);
    auto made = co_await connector_.open(std::move(addresses), deadline, unused);
    if (!made.connection) co_return false;
    resolver_.prefer(made.where);
    connection = std::move(made.connection);
  }
  secret const post{otlp_post(where_.host_field(), otlp_traces(batch, names_.current(), GATEWAY_VERSION))};
  auto const got = co_await connection->exchange(post, limits_, deadline, nullptr, nullptr, unused);
  if (connection->is_reusable()) idle_ = std::move(connection);
  co_return !got.failed && got.answer.status / 100 == 2;
}

}  // namespace gateway
