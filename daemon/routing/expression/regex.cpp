// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/regex.hpp"

#include <re2/re2.h>

namespace picket::routing::expression {

Regex::Regex(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kMemory);
  pattern_ = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

Regex::~Regex() = default;

std::string Regex::error() const {
  return pattern_->ok() ? std::string() : pattern_->error();
}

std::string Regex::offending() const {
  return pattern_->error_arg().empty() ? pattern_->pattern() : pattern_->error_arg();
}

bool Regex::found_in(std::string_view text) const {
  return pattern_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace picket::routing::expression
