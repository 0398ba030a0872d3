// SPDX-License-Identifier: Apache-2.0
//
// A checked model as text again: what `picket validate --print` shows. Merged, substituted, with every default, and
// with `(secret)` where a secret stands. Pure functions, any thread.
#pragma once

#include <string>

#include "config/model.hpp"

namespace picket::config {

// YAML that load() reads back to the same model, except for secrets. Durations and sizes have their units.
std::string print_yaml(const Model& model);

// The same tree as one JSON object, indented by two spaces.
std::string print_json(const Model& model);

// The settings of one instance as JSON text without its secrets.
std::string redacted_settings(const Instance& instance);

}  // namespace picket::config
