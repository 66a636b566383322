#include "core/request/accept.hpp"

#include "core/base/text.hpp"

namespace gateway {
namespace {

struct media_range {
  int specificity = 0;  // 0: the offer is not in it
  int thousandths = 1000;
};

int specificity_of(std::string_view range, std::string_view type) {
  if (range == "*/*") return 1;
  if (iequals(range, type)) return 3;
  return range.ends_with("/*") && iequals(range.substr(0, range.size() - 1), type.substr(0, type.find('/') + 1)) ? 2 : 0;
}

std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

media_range read_range(std::string_view element, const media_offer& offer) {
  auto semicolon = std::min(element.find(';'), element.size());
  media_range range{specificity_of(trim_ows(element.substr(0, semicolon)), offer.type)};
  while (semicolon < element.size()) {
    auto rest = element.substr(semicolon + 1);
    auto const parameter = rest.substr(0, rest.find(';'));
    auto const equals = std::min(parameter.find('='), parameter.size());
    auto const name = trim_ows(parameter.substr(0, equals));
    auto const value = unquoted(trim_ows(parameter.substr(std::min(parameter.size(), equals + 1))));
    if (iequals(name, "q")) range.thousandths = qvalue(value);
    if (iequals(name, "version")) range.specificity = range.specificity > 0 && value == offer.version ? 4 : 0;
    semicolon += 1 + parameter.size();
  }
  return range;
}

}  // namespace

int qvalue(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int thousandths = (text[0] - '0') * 1000;
  for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (!is_digit(text[i])) return 0;
    thousandths += (text[i] - '0') * static_cast<int>(unit);
  }
  return thousandths <= 1000 ? thousandths : 0;
}

media_weight weight_of(const media_offer& offer, const field_lines& accept) {
  media_range best;
  accept.for_each([&](std::string_view element) {
    auto const range = read_range(element, offer);
    if (range.specificity > best.specificity) best = range;
  });
  if (best.specificity == 0) return {};
  return {best.thousandths, best.specificity >= 3};
}

}  // namespace gateway
