#include "io/probe.hpp"

#include "io/admin_call.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds probe_timeout{2};

}  // namespace

bool probe(const probe_target& what, std::string& said) {
  auto const answer = call_admin(what.where, {"GET", what.path}, {}, answer_part::status_line, mono_now() + probe_timeout);
  said = answer.line;
  return answer.status / 100 == 2;
}

}  // namespace gateway
