// Turns the text of a configuration file into settings, and reports all problems at once, each with its line and key.
// Thread rule: pure functions; they open no file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

// The line of what --set gives.
inline constexpr int line_of_set = -1;

struct problem {
  int line = 0;     // from 1; 0: no particular line; or line_of_set
  std::string key;  // dotted, "" for the file as a whole
  std::string text;
};

struct loaded {
  settings values;                   // meaningful only without problems
  std::vector<problem> problems;     // by line
  std::map<std::string, int> lines;  // where each key is, for problems that are found later
  std::vector<problem> remarks{};    // what works, but perhaps not as it is meant
};

// A value from the command line (--set KEY=VALUE); it stands over the file's. The key is dotted, of a list's entry as in
// listeners[0].address. The value is YAML.
struct set_value {
  std::string key, value;
};

loaded load_settings(std::string_view yaml, const std::vector<set_value>& set = {});

// The effective settings as YAML; load_settings reads it back to the same values. `commented` adds each setting's sentence.
std::string print_settings(const settings& values, bool commented);

// The same as JSON. Neither holds a secret: settings name the files of secrets.
std::string settings_json(const settings& values);

// A sentence for each setting that is auto: what it is here, and of what.
std::vector<std::string> explain_auto(const settings& values);
// Mode inject: which clients write nothing because they have no may; "" if there are none.
std::string explain_reading(const settings& values);

}  // namespace gateway
