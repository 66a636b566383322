// Every setting with its default, its accepted values and its sentence, as a page and as a manual page. Made from the settings table.
// Thread rule: pure functions.
#pragma once

#include <string>

namespace gateway {

std::string settings_reference();  // Markdown: deploy/docs/settings.md
std::string settings_manual();     // troff: deploy/man/gateway.yaml.5

}  // namespace gateway
