// Erasures of numbers, from the operator's order to the record that is kept: in this gateway's memory and snapshot, in the fleet's engine,
// and in the other gateways, which confirm.
// Thread rule: belongs to the control worker. The eraser and the fleet tell it what they have done by posting to it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "app/admin/admin_backend.hpp"
#include "app/server/fleet_member.hpp"
#include "app/state/shared_state.hpp"
#include "core/cache/erasure_log.hpp"
#include "io/runtime/file_thread.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class erasure_desk {
public:
  // `file`: where the records are kept; "": nowhere, and a restart forgets them. Reads it: only before the loops run.
  erasure_desk(worker& home, shared_state& shared, file_thread& files, std::string file);
  // Before the loops run. The fleet outlives it.
  void join(fleet_member& fleet);

  // The number of the record; nullopt: too many numbers were erased lately.
  std::optional<std::uint64_t> erase(const secret& party, const operator_trace& asker);
  [[nodiscard]] admin_backend::erasure_view view(std::uint64_t number);
  [[nodiscard]] std::string report();
  [[nodiscard]] erasure_figures figures() const;
  // A successor has the file from now on.
  void leave() { file_.clear(); }

private:
  // What is still to come of an erasure that this process has begun.
  struct open_erasure {
    open_erasure(const digest& what, operator_trace by) : who(what), asker(std::move(by)) {}
    digest who;
    operator_trace asker;
    std::uint64_t ticket = 0;           // of the snapshot's removal
    std::optional<std::uint64_t> told;  // to the fleet
    mono_time waits_until{};            // for confirmations
  };
  using all_open = std::map<std::uint64_t, open_erasure>;

  void walked(std::uint64_t number, std::uint64_t taken);
  void confirmed(const digest& who, const std::string& gateway, std::uint64_t taken);
  // Brings the record up to date.
  void look(erasure_record& record);
  task<void> watch(std::uint64_t number);
  void conclude(erasure_record& record);
  void save();
  task<void> write();

  worker& home_;
  shared_state& shared_;
  file_thread& files_;
  std::string file_;
  fleet_member* fleet_ = nullptr;  // null: there is none
  erasure_log log_;
  all_open open_;  // by the record's number
  erasure_figures counted_;
  bool writing_ = false;
  bool is_written_ = true;  // what the file should hold
  std::string failed_;      // why the last write failed, so that one reason is logged once
};

}  // namespace gateway
