// The names of the fleet's keys in the engine. Their hash tag keeps all of them on one node of a cluster.
// Thread rule: immutable values.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

class engine_keys {
public:
  explicit engine_keys(std::string_view name_space) : prefix_("{" + std::string{name_space} + "}:") {}

  [[nodiscard]] std::string feed() const { return named("feed"); }  // the channel of messages
  // --- members and marks
  [[nodiscard]] std::string incarnation() const { return named("i"); }
  [[nodiscard]] std::string version() const { return named("v"); }   // of the newest mark
  [[nodiscard]] std::string replicas() const { return named("r"); }  // the living replicas and until when they count as living
  [[nodiscard]] std::string marks() const { return named("m"); }
  [[nodiscard]] std::string versions() const { return named("mz"); }  // of each mark
  [[nodiscard]] std::string floors() const { return named("f"); }
  // --- second tier. `name`: of the call, or a pattern.
  [[nodiscard]] std::string call(std::string_view name) const { return named("c:").append(name); }
  // --- budgets. `account`: its name.
  [[nodiscard]] std::string budget(std::string_view account) const { return named("b:").append(account); }
  [[nodiscard]] std::string waiting_for_summaries(std::string_view account) const { return named("bs:").append(account); }
  [[nodiscard]] std::string waiting_for_others(std::string_view account) const { return named("bo:").append(account); }
  [[nodiscard]] std::string budget_members() const { return named("bg"); }
  [[nodiscard]] std::string circuits() const { return named("o"); }
  // --- quotas. `client`: its name.
  [[nodiscard]] std::string quota(std::string_view client) const { return named("q:").append(client); }

private:
  [[nodiscard]] std::string named(std::string_view what) const { return std::string{prefix_}.append(what); }

  std::string prefix_;
};

}  // namespace gateway
