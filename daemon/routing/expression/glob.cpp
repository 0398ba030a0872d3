// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/glob.hpp"

#include "routing/utf8.hpp"

namespace picket::routing::expression {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

}  // namespace

std::optional<Glob> Glob::compile(std::string_view pattern) {
  Glob glob;
  glob.segments_.emplace_back();
  bool after_run = false;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] == '*') {
      if (!after_run) glob.segments_.emplace_back();
      after_run = true;
      ++at;
      continue;
    }
    after_run = false;
    Segment& segment = glob.segments_.back();
    const bool any = pattern[at] == '?';
    if (pattern[at] == '\\' && ++at == pattern.size()) return std::nullopt;
    const std::size_t end = next_character(pattern, at);
    if (any && segment.any.empty()) segment.any.resize(segment.bytes.size());
    segment.bytes += pattern.substr(at, end - at);
    if (any || !segment.any.empty()) segment.any.resize(segment.bytes.size(), any);
    ++segment.characters;
    at = end;
  }
  return glob;
}

std::size_t Glob::Segment::fits(std::string_view text, std::size_t from) const {
  if (any.empty()) return text.substr(from).starts_with(bytes) ? from + bytes.size() : kNowhere;
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    if (from >= text.size()) return kNowhere;
    if (any[index]) {
      from = next_character(text, from);
    } else if (text[from++] != bytes[index]) {
      return kNowhere;
    }
  }
  return from;
}

std::size_t Glob::Segment::find(std::string_view text, std::size_t from) const {
  if (any.empty()) {
    const std::size_t start = text.find(bytes, from);
    return start == kNowhere ? kNowhere : start + bytes.size();
  }
  while (from < text.size()) {
    const std::size_t end = fits(text, from);
    if (end != kNowhere) return end;
    from = next_character(text, from);
  }
  return kNowhere;
}

bool Glob::Segment::fits_end(std::string_view text, std::size_t from) const {
  if (any.empty()) return text.substr(from).ends_with(bytes);
  std::size_t start = text.size();
  for (std::size_t count = 0; count < characters; ++count) {
    if (start <= from) return false;
    start = previous_character(text, start);
  }
  return start >= from && fits(text, start) == text.size();
}

bool Glob::matches(std::string_view text) const {
  const Segment& first = segments_.front();
  std::size_t at = first.fits(text, 0);
  if (segments_.size() == 1) return at == text.size();
  if (at == kNowhere) return false;
  // The leftmost place is always the best one: it leaves the most for the rest.
  for (std::size_t index = 1; index + 1 < segments_.size(); ++index) {
    at = segments_[index].find(text, at);
    if (at == kNowhere) return false;
  }
  return segments_.back().fits_end(text, at);
}

}  // namespace picket::routing::expression
