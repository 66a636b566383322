// What the data listeners serve: summaries, and what is passed on. Each request goes to the one that its path names.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "app/front_desk.hpp"
#include "app/relay.hpp"
#include "app/summary_service.hpp"

namespace gateway {

class data_service {
public:
  using wanted = std::variant<summary_service::wanted, relayed_request>;

  data_service(worker& at, answer_source& upstream, shared_state& shared)
      : desk_(at, shared), summaries_(at, upstream, shared, desk_), relay_(at, upstream, shared, desk_) {}

  // A hit, a refusal or a preflight: a plain function call. Nothing is returned when the answer stands in `out`.
  std::optional<wanted> answer_now(const request_head& head, exchange& one, std::string& out);

  // Everything that needs the upstream.
  task<void> answer_later(wanted what, const request_head& head, exchange& one, std::string& out);

  void refuse(fault why, exchange& one, std::string& out) {
    desk_.refuse(why, nullptr, one, out);
    front_desk::count_client(one);
  }
  // at.config is another one now.
  void settings_changed() { desk_.settings_changed(); }
  void account(worker& at, const request_record& record) { desk_.account(at, record); }

private:
  std::optional<wanted> pass_on(const request_head& head, exchange& one, std::string& out);

  front_desk desk_;
  summary_service summaries_;
  relay relay_;
};

}  // namespace gateway
