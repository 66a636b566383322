#include "app/admin/span_exporter.hpp"

#include "core/telemetry/otlp.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

poster collector_of(worker& at, const tracing_settings& values) {
  auto const where = *parse_origin(values.otlp_url);  // checked when the settings were read
  return poster{at, upstream_settings{}, where, std::make_shared<client_tls>(where, values.ca_file)};
}

}  // namespace

span_exporter::span_exporter(worker& at, const tracing_settings& values, const listener_names& names)
    : names_(names), collector_(collector_of(at, values)), sleeping_(std::make_shared<sleeper>(at.get_executor())) {}

void span_exporter::attach(access_queue& from) {
  from.open();
  queues_.push_back(&from);
}

task<void> span_exporter::run() {
  while (!stopping_) {
    co_await sleeping_->sleep_until(mono_now() + interval);
    co_await flush(mono_now() + (stopping_ ? last_deadline : batch_deadline));
  }
  collector_.forget_connection();
  ended_ = true;
}

task<void> span_exporter::flush(mono_time deadline) {
  while (mono_now() < deadline) {
    auto const batch = take_batch();
    if (batch.empty()) co_return;
    bool const delivered = co_await send(batch, deadline);
    (delivered ? exported_ : lost_) += batch.size();
    if (!delivered && !failing_) log_entry(logbook_kind::spans_lost, {{"collector", collector_.where().host_field()}});
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

// Sends a batch once.
task<bool> span_exporter::send(const std::vector<logged_request>& batch, mono_time deadline) {
  secret const post{otlp_post(collector_.where().host_field(), otlp_traces(batch, names_.current(), GATEWAY_VERSION))};
  auto posting = collector_.post(post, deadline);
  auto const got = co_await std::move(posting);
  co_return !got.failed && got.answer.status / 100 == 2;
}

}  // namespace gateway
