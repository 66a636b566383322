// Results as words, so that a table of tests reads like documentation: "ok" or the fault's name.
#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "core/base/fault.hpp"

namespace gateway {

template <class T>
std::string word_for(const boost::system::result<T, fault>& outcome) {
  return outcome ? "ok" : std::string{name_of(outcome.error())};
}

}  // namespace gateway
