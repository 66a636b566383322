// What a value of the settings that cannot be taken probably meant, for the "did you mean" of its problem.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway {

// What text that is no duration, or no size, probably meant: "7d" for "1w", "512MiB" for "512 mb"; "" if that is not clear.
std::string probable_duration(std::string_view text);
std::string probable_size(std::string_view text);

// "true" or "false" for another word of YAML 1.1; "" for anything else.
std::string_view probable_flag(std::string_view text);

// The candidate that a typing error or an abbreviation most probably meant, whatever the case; "" if none is similar.
std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& candidates);

// "; did you mean '…'?", or "" for "".
std::string did_you_mean(std::string_view near);

// Whether the text holds what shells, Compose and Kubernetes replace: ${NAME}, $(NAME) or, at the start, $NAME.
bool names_a_variable(std::string_view text);

}  // namespace gateway
