// SPDX-License-Identifier: Apache-2.0
#include "json_grammar.hpp"

#include <simdjson.h>

namespace picket::pipe_server {
namespace {

bool is_json_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_json_number(std::string_view token) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < token.size() && is_json_digit(token[at])) ++at;
    return at > first;
  };
  const auto take = [&](char c) { return at < token.size() && token[at] == c ? (++at, true) : false; };
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return false;
  }
  return at == token.size();
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t good = 0;
  std::size_t step = text.size();
  // The longest valid beginning, by halving: a character that is cut is at most three bytes away.
  while (good < text.size() && step > 0) {
    if (good + step <= text.size() && simdjson::validate_utf8(text.data(), good + step)) {
      good += step;
    } else {
      step /= 2;
    }
  }
  for (std::size_t more = 1; more <= 3 && good + more <= text.size(); ++more) {
    if (simdjson::validate_utf8(text.data(), good + more)) {
      good += more;
      more = 0;
    }
  }
  return good;
}

std::size_t find_control_character(std::string_view text) {
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
    } else if (inside && text[i] == '\\') {
      ++i;
    } else if (inside && static_cast<unsigned char>(text[i]) < 0x20) {
      return i;
    }
  }
  return text.size();
}

}  // namespace picket::pipe_server
