// SPDX-License-Identifier: Apache-2.0
//
// The seam between the step and what it can read. One file for each format; formats.cpp has the list. A format keeps
// scratch memory, so each step has one of its own; one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "routing/steps/parse/reading.hpp"
#include "routing/steps/parse/zone.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing::parse {

// Why a text could not be read.
struct Failure {
  std::size_t offset;       // byte of the text
  std::string_view reason;  // lives for ever
};

class Format {
 public:
  virtual ~Format() = default;
  // Puts what `text` says into `reading`, which has begun with it. After a failure, what is in there counts for
  // nothing. The time is linear in the text (for many fields, times the logarithm of their number). Throws
  // std::bad_alloc only.
  virtual std::optional<Failure> read(std::string_view text, Reading& reading) = 0;
};

struct FormatType {
  std::string_view name;                      // as in YAML
  std::span<const std::string_view> options;  // settings that only some formats have, and this one is among them
  // `settings` are the step's, checked.
  std::unique_ptr<Format> (*make)(const nlohmann::json& settings, const Zone& zone);
  // Adds what the schema cannot see; may be null.
  void (*check)(const nlohmann::json& settings, std::vector<StepProblem>& problems);
};

// In order of name.
std::span<const FormatType* const> format_types();
// REQUIRES: it is in the list.
const FormatType& format_type(std::string_view name);

extern const FormatType kJson;
extern const FormatType kKeyValue;
extern const FormatType kLogfmt;
extern const FormatType kRegex;
extern const FormatType kSyslog;

}  // namespace picket::routing::parse
