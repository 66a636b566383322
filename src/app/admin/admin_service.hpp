// Answers the requests of the admin listener: health, metrics, cache control. A GET changes nothing. Each resource needs a role, and each
// refused change is noted for the audit trail.
// Thread rule: on the control worker's thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/admin/admin_backend.hpp"
#include "app/admin/admin_parameters.hpp"
#include "app/admin/dashboard.hpp"
#include "core/auth/admin_rules.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

class admin_service {
public:
  // A purge and an erasure wait for the disk and the fleet for a moment, and a reload for its files. No other resource waits.
  struct pending {
    explicit pending(std::optional<admin_backend::purged> what, std::optional<std::uint64_t> record = std::nullopt)
        : purge(what), erasure(record) {}
    std::optional<admin_backend::purged> purge;
    std::optional<std::uint64_t> erasure;  // neither of the two: a reload
  };
  // `everything`, or only what probes and scrapers need.
  enum class offer : std::uint8_t { everything, metrics };

  // How many requests were refused for who sent them.
  using refusals = std::array<std::uint64_t, admin_refusal_faults.size()>;

  // `rules` may change while the service runs; each request is judged by those in force.
  admin_service(admin_backend& backend, const admin_rules& rules, offer what = offer::everything)
      : backend_(backend), rules_(rules), offers_(what) {}

  std::optional<pending> answer_now(exchange& one);
  task<void> answer_later(pending what, exchange& one);
  void refuse(fault why, exchange& one);
  void answered(exchange&) {}
  void account(worker&, const request_record&) {}  // requests_total is about the data listeners
  [[nodiscard]] const refusals& refused() const { return refused_; }

  struct answer {
    int status = 200;
    std::string_view type = "application/json";
    std::string body;
    std::string_view fields;
    const static_file* file = nullptr;         // instead of a body
    std::optional<pending> awaits{};           // the answer is given later
    std::optional<purge_parameters> purges{};  // is done before the answer
    bool tests_alert = false;                  // the same
    std::optional<lever_order> pulls{};        // the same
    std::optional<secret> erases{};            // a number: the same
    bool names_operator = false;               // the same, instead of a body
    std::string why{};                         // of a refusal
    std::optional<admin_refusal> refused{};    // for who sent it
    std::string_view changes{};                // the resource, if it changes something
  };

private:
  // open and page need no token. open and scraped are what offer::metrics has.
  enum class access : std::uint8_t { open, scraped, page, reads, changes };
  // The role that a resource needs. A row without one does not compile: there is no default.
  struct needed_role {
    constexpr needed_role(admin_role one) : role(one) {}
    static constexpr needed_role none() { return needed_role{}; }
    std::optional<admin_role> role;

  private:
    constexpr needed_role() = default;
  };
  struct resource {
    std::string_view path;
    access is;
    needed_role needs;
    answer (admin_service::*give)(const request_head& head);
    std::string_view prose;  // what GET /api says about it
  };
  static const resource resources[];
  static std::span<const resource> all_resources();

  static answer refusal(int status, int code, std::string_view message, std::string_view fields);
  static answer refusal(admin_refusal who, int status, int code, std::string_view message, std::string_view fields);
  static answer bad_parameters(std::string_view message);
  // The change that `made` was to be cannot be made now. It still names its resource, for the audit trail.
  static void turn_down(answer& made, std::string_view why, std::string_view fields);
  answer route(const exchange& one);
  answer judge(const resource& wanted, const admin_operator& who, const request_head& head);
  answer livez(const request_head& head);
  answer readyz(const request_head& head);
  answer metrics(const request_head& head);
  answer page(const request_head& head);
  answer index(const request_head& head);
  answer stats(const request_head& head);
  answer explain(const request_head& head);
  answer slow(const request_head& head);
  answer clients(const request_head& head);
  answer events(const request_head& head);
  answer shadow(const request_head& head);
  answer audit(const request_head& head);
  answer whoami(const request_head& head);
  answer config(const request_head& head);
  answer fleet(const request_head& head);
  answer purge(const request_head& head);
  answer erase(const request_head& head);
  answer erasures(const request_head& head);
  answer reload(const request_head& head);
  answer alert_test(const request_head& head);
  template <lever_command Which>
  answer pull(const request_head& head);
  void pull(const lever_order& what, const exchange& one, answer& made);
  void purge(const purge_parameters& wanted, const exchange& one, answer& made);
  void erase(const secret& party, exchange& one, answer& made);
  task<void> answer_erasure(std::uint64_t number, exchange& one);
  [[nodiscard]] operator_trace trace_of(const exchange& one) const;
  [[nodiscard]] std::string operator_body(const exchange& one) const;
  void note_refusal(const answer& made, const exchange& one);
  static answer reloaded(const reload_outcome& result);
  [[nodiscard]] std::optional<telling> told(const admin_backend::purged& done) const;
  [[nodiscard]] bool is_under_way(const admin_backend::purged& done) const;
  static void append(const answer& made, exchange& one);

  admin_backend& backend_;
  const admin_rules& rules_;
  offer offers_;
  refusals refused_{};
  dashboard page_;
};

}  // namespace gateway
