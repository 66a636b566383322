#pragma once
// What people said about a call: the one part of a summary that changes after it is complete.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dice.hpp"
#include "json_text.hpp"

namespace simulator {

struct annotation {
  std::optional<std::string> answered_by, connectivity_issue, comment, incident;
  std::vector<std::string> quality_issues;
  std::optional<bool> spam;
  std::optional<int> call_score;

  // Applies a form-encoded POST; the name of the first parameter that Twilio would refuse, or nothing.
  std::optional<std::string> apply_form(std::string_view form);
  void write_members(json_text& json) const;
  bool empty() const;
};

// What somebody may have noted about this call before the simulator started; most calls have nothing.
annotation noted_before(dice& chance);

std::string annotation_body(const annotation& noted, std::string_view call_sid, std::string_view account_sid);

}  // namespace simulator
