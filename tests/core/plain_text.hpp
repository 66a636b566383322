// The requirements for texts that operators read: short sentences with nouns as subjects.
#pragma once

#include <algorithm>
#include <cctype>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

// The reason why a text is hard to read; "" if there is none.
inline std::string hard_to_read(std::string_view text) {
  constexpr int most_words = 25;
  int words = 0;  // of the sentence so far; a dot inside a word does not end it
  for (auto word : words_of(std::string{text})) {
    if (++words > most_words) return "a sentence has more than 25 words";
    if (word.ends_with('.')) words = 0;
    std::erase_if(word, [](unsigned char c) { return std::isalpha(c) == 0; });
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (std::string_view const vague : {"who", "whoever", "nobody", "somebody", "everybody", "told"}) {
      if (word == vague) return "'" + word + "' is no noun that an operator knows";
    }
  }
  return "";
}

}  // namespace gateway
