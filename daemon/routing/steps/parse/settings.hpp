// SPDX-License-Identifier: Apache-2.0
//
// The settings of `parse` that all formats share, from JSON that the schema let pass, and the mistakes that it cannot
// see. Called when a configuration is loaded and when a step is made.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "routing/steps/parse/format.hpp"
#include "routing/steps/parse/severity_map.hpp"
#include "routing/steps/parse/time_format.hpp"

namespace picket::routing::parse {

enum class OnError { tag, pass, drop };
enum class TargetType { integer, real, boolean };

struct Settings {
  struct Conversion {
    WantedKey key;
    TargetType type;
  };
  struct TimeSource {
    WantedKey key;
    TimeFormat format;
    bool keep;
  };
  struct SeveritySource {
    WantedKey key;
    SeverityMap map;
    bool keep;
  };

  const FormatType* type;
  std::unique_ptr<Format> format;
  std::string field;
  std::string into;
  bool keep;
  OnError on_error;
  std::size_t max_bytes;
  std::size_t max_fields;
  std::vector<Conversion> types;
  std::optional<TimeSource> time;
  std::optional<SeveritySource> severity;
};

// Defaults stand for what is left out. Throws std::runtime_error for what check_settings() names.
Settings read_settings(const nlohmann::json& settings);

std::vector<StepProblem> check_settings(const nlohmann::json& settings);

}  // namespace picket::routing::parse
