// What the data listeners serve: summaries, and what is passed on. Each request goes to the one that its path names.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "app/request/passthrough_service.hpp"
#include "app/request/request_gate.hpp"
#include "app/request/summary_service.hpp"

namespace gateway {

class data_service {
public:
  using wanted = std::variant<summary_service::wanted, passthrough_request>;

  data_service(worker& at, answer_source& upstream, shared_state& shared)
      : gate_(at, shared), summaries_(at, upstream, shared, gate_), passthrough_(at, upstream, shared, gate_) {}

  // A hit, a refusal or a preflight: a plain function call. Nothing is returned when the answer stands in `out`.
  std::optional<wanted> answer_now(const request_head& head, exchange& one, std::string& out);

  // Everything that needs the upstream.
  task<void> answer_later(wanted what, const request_head& head, exchange& one, std::string& out);

  void refuse(fault why, exchange& one, std::string& out) {
    gate_.refuse(why, nullptr, one, out);
    request_gate::count_client(one);
  }
  // at.config is another one now.
  void settings_changed() { gate_.settings_changed(); }
  void account(worker& at, const request_record& record) { gate_.account(at, record); }

private:
  std::optional<wanted> pass_through(const request_head& head, exchange& one, std::string& out);

  request_gate gate_;
  summary_service summaries_;
  passthrough_service passthrough_;
};

}  // namespace gateway
