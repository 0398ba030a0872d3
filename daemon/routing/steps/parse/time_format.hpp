// SPDX-License-Identifier: Apache-2.0
//
// How times are written, as settings say it: a name or a pattern. Keeps the Zone's memory: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/value.hpp"
#include "routing/steps/parse/zone.hpp"

namespace picket::routing::parse {

struct TimeFormatError : std::runtime_error {
  TimeFormatError(std::size_t at, const std::string& message) : std::runtime_error(message), offset(at) {}
  std::size_t offset;  // byte of the format
};

class TimeFormat {
 public:
  // `rfc3339`; `unix`, `unix_ms`, `unix_us`, `unix_ns`: a number since 1970; or a pattern of
  //   %Y year  %y its last two digits (69..99 are 1900s)  %m month  %d %e day  %b month's name  %a weekday (not looked
  //   at) %H hour  %I hour of twelve  %p AM or PM  %M minute  %S second  %f digits of a fraction  %z offset  %Z UTC,
  //   GMT or Z %s seconds since 1970  %F = %Y-%m-%d  %T = %H:%M:%S  %% a percent sign
  // in which a blank stands for one or more and everything else for itself. Names are English, short or long.
  // Throws TimeFormatError.
  TimeFormat(std::string_view format, Zone zone);

  // UTC in ns since 1970. Nothing when the value is no such time: all of a text has to be one. Numbers are for the
  // formats unix... only. `near_ns`: see Zone::to_utc.
  std::optional<std::int64_t> read(const Value& value, std::int64_t near_ns);

 private:
  std::optional<std::int64_t> read_pattern(std::string_view text, std::int64_t near_ns);
  std::optional<std::int64_t> read_unix(const Value& value) const;

  struct Part {
    char directive;  // 0: a byte for itself
    char byte;
  };
  void add_directive(char letter, std::size_t offset);

  Zone zone_;
  std::int64_t unit_ns_ = 0;  // of the formats unix...; 0: it is none
  bool rfc3339_ = false;
  std::vector<Part> parts_;
};

}  // namespace picket::routing::parse
