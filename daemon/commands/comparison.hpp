// SPDX-License-Identifier: Apache-2.0
//
// The earlier time of --compare, and how its moments lie on those of the range that was asked for. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "commands/time_range.hpp"
#include "picket/result.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

class Comparison {
 public:
  // "yesterday", "last-week": the same local times 1 or 7 days before, whatever clocks did meanwhile; or a duration:
  // "1h", "52w". The error names the option.
  static Result<Comparison> parse(const std::string& text, const platform::TimeZone& zone);

  // What to call the earlier time: "yesterday", "1h before".
  const std::string& name() const { return name_; }

  std::int64_t earlier(std::int64_t time_ns) const;
  std::int64_t later(std::int64_t time_ns) const;
  TimeRange earlier(const TimeRange& range) const { return {earlier(range.from_ns), earlier(range.to_ns)}; }

 private:
  std::string name_;
  std::int64_t days_ = 0;      // local; or
  std::int64_t duration_ = 0;  // ns
  const platform::TimeZone* zone_ = nullptr;
};

// (now - then) / |then|. Not-a-number where that means nothing: one of them is missing, or `then` is 0 and now is not.
double relative_change(double now, double then);

// "+12.3 %", "-4 %", "0 %"; "x1200" for what grew to more than a hundredfold; "-" for not-a-number.
std::string change_text(double change);

}  // namespace picket::commands
