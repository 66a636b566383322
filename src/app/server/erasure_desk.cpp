#include "app/server/erasure_desk.hpp"

#include <boost/asio/post.hpp>
#include <string_view>

#include "app/server/audit.hpp"
#include "core/base/text.hpp"
#include "io/files/snapshot_file.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// How long the disk, the engine and the other gateways have, counted from the end of this gateway's own walk.
constexpr std::chrono::seconds longest_confirming{5};
constexpr std::chrono::milliseconds look_interval{20};

struct records_job final : file_job {
  void work() override { is_good = replace_file(path, text, why_not); }

  std::string path;
  std::string text;
  bool is_good = false;
  std::string why_not;
};

erasure_log read_records(const std::string& file) {
  if (file.empty()) return {};
  snapshot_input input;
  std::string why_not;
  if (input.open(file, why_not)) return erasure_log::parse(input.read(erasure_log::longest));
  if (!why_not.empty()) log_warning("erasures: the records in {} are not used: {}", file, why_not);
  return {};
}

std::string cause_of(const erasure_record& one) {
  if (!one.is_walked) return "the cache is still being read";
  if (one.snapshot == erasure_record::copy::pending) return "the snapshot may still hold it";
  if (one.tier == erasure_record::copy::pending) return "the fleet's engine may still hold it";
  return std::to_string(one.unconfirmed.size()) + " gateway(s) of the fleet have not confirmed it";
}

}  // namespace

erasure_desk::erasure_desk(worker& home, shared_state& shared, file_thread& files, std::string file)
    : home_(home), shared_(shared), files_(files), file_(std::move(file)), log_(read_records(file_)) {}

void erasure_desk::join(fleet_member& fleet) {
  fleet_ = &fleet;
  fleet.on_erased([this](const digest& who, const std::string& gateway, std::uint64_t taken) {
    asio::post(home_.loop, [this, who, gateway, taken] { confirmed(who, gateway, taken); });
  });
}

std::optional<std::uint64_t> erasure_desk::erase(const secret& party, const operator_trace& asker) {
  auto const who = shared_.parties.hash_of(party.reveal());
  auto const at = now();
  auto const number = log_.last() + 1;
  open_erasure open{who, asker};
  auto* const home = &home_;
  auto const ended = [this, home, number](std::uint64_t taken) {
    asio::post(home->loop, [this, number, taken] { walked(number, taken); });
  };
  auto const ticket = shared_.eraser.begin(who, at.mono, ended);
  if (!ticket) return std::nullopt;
  if (fleet_ != nullptr) open.told = fleet_->erase(who);
  open.ticket = *ticket;
  open.waits_until = mono_time::max();
  auto& record = log_.begin(hex_of(view_of(who)), at.wall);
  record.snapshot = shared_.disk.is_used() ? erasure_record::copy::pending : erasure_record::copy::none;
  if (open.told) {
    record.tier = fleet_->has_tier() ? erasure_record::copy::pending : erasure_record::copy::none;
    record.unconfirmed = fleet_->others(erasure_log::most_gateways);
  }
  open_.insert_or_assign(number, std::move(open));
  home_.start_unwaited("erasure", watch(number));
  save();
  return number;
}

void erasure_desk::walked(std::uint64_t number, std::uint64_t taken) {
  auto const open = open_.find(number);
  auto* const record = log_.find(number);
  if (open == open_.end() || record == nullptr) return;
  record->is_walked = true;
  record->memory = taken;
  open->second.waits_until = mono_now() + longest_confirming;
  enter_erasure(number, taken, open->second.asker);
}

void erasure_desk::confirmed(const digest& who, const std::string& gateway, std::uint64_t taken) {
  bool is_news = false;
  for (auto const& [number, open] : open_) {
    auto* const record = open.who == who ? log_.find(number) : nullptr;
    if (record == nullptr || !record->confirm(gateway, taken)) continue;
    is_news = true;
    look(*record);
  }
  if (is_news) save();
}

void erasure_desk::look(erasure_record& record) {
  auto const found = open_.find(record.number);
  if (found == open_.end()) return;
  auto const& open = found->second;
  record.under_way = std::max(record.under_way, shared_.parties.refused(open.who));
  if (record.snapshot == erasure_record::copy::pending && shared_.disk.is_settled(open.ticket))
    record.snapshot = erasure_record::copy::gone;
  if (record.tier == erasure_record::copy::pending && fleet_->is_swept(*open.told)) record.tier = erasure_record::copy::gone;
  if (record.is_complete()) record.is = erasure_record::state::complete;
}

// Until everything is confirmed, or has had its time.
task<void> erasure_desk::watch(std::uint64_t number) {
  auto const sleeping = std::make_shared<sleeper>(home_.get_executor());
  while (!home_.is_ending()) {
    auto* const record = log_.find(number);
    auto const open = open_.find(number);
    if (record == nullptr || open == open_.end()) co_return;
    look(*record);
    if (record->is == erasure_record::state::complete || mono_now() >= open->second.waits_until) co_return conclude(*record);
    auto const next = mono_now() + look_interval;
    co_await sleeping->sleep_until(next);
  }
}

// Its record stays open: an answer may still be refused, and a gateway that comes back may still confirm.
void erasure_desk::conclude(erasure_record& record) {
  bool const is_complete = record.is == erasure_record::state::complete;
  if (!is_complete) {
    record.is = erasure_record::state::incomplete;
    log_entry(logbook_kind::erasure_unconfirmed, {{"erasure", record.number}, {"cause", cause_of(record)}});
  }
  ++(is_complete ? counted_.complete : counted_.incomplete);
  std::erase_if(open_, [&](auto const& one) { return log_.find(one.first) == nullptr; });
  save();
}

admin_backend::erasure_view erasure_desk::view(std::uint64_t number) {
  auto* const record = log_.find(number);
  if (record == nullptr) return {};
  look(*record);
  return {record->is == erasure_record::state::running, record->is == erasure_record::state::complete, json_of(*record)};
}

std::string erasure_desk::report() {
  for (auto const& [number, open] : open_) {
    if (auto* const record = log_.find(number)) look(*record);
  }
  return json_of(log_, !file_.empty());
}

erasure_figures erasure_desk::figures() const {
  auto now = counted_;
  for (auto const& one : log_.all()) now.running += one.is == erasure_record::state::running ? 1 : 0;
  return now;
}

void erasure_desk::save() {
  is_written_ = false;
  if (file_.empty() || std::exchange(writing_, true)) return;
  home_.start_task("erasure records", write());
}

task<void> erasure_desk::write() {
  while (!std::exchange(is_written_, true) && !file_.empty()) {
    auto const job = std::make_shared<records_job>();
    job->path = file_;
    job->text = log_.text();
    std::shared_ptr<file_job> const given = job;
    co_await files_.run(given, mono_time::max());
    if (job->is_good) {
      failed_.clear();
    } else if (std::exchange(failed_, job->why_not) != job->why_not) {
      log_entry(logbook_kind::erasures_unsaved, {{"cause", job->why_not}});
    }
  }
  writing_ = false;
}

}  // namespace gateway
