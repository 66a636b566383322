// From the text of a configuration file to settings, with every problem at once, each naming its line and key.
// Thread rule: pure functions; nothing here opens a file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

struct problem {
  int line = 0;     // from 1; 0: no particular line
  std::string key;  // dotted, "" for the file as a whole
  std::string text;
};

struct loaded {
  settings values;                   // meaningful only without problems
  std::vector<problem> problems;     // by line
  std::map<std::string, int> lines;  // where each key stands, for problems that only show later
};

loaded load_settings(std::string_view yaml);

// The effective settings as YAML that load_settings reads back to the same values; `commented` adds each setting's sentence.
std::string print_settings(const settings& values, bool commented);

}  // namespace gateway
