#pragma once
// Boost.JSON has a string_view of its own.
#include <boost/json/string_view.hpp>

#include <string_view>

namespace simulator {

inline boost::json::string_view json_string(std::string_view value) { return {value.data(), value.size()}; }

}  // namespace simulator
