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

// What of it a daemon runs by, so without `tests`, in the same form: what the hash of a configuration is of.
std::string print_running(const Model& model);

// The settings of one instance as JSON text without its secrets.
std::string redacted_settings(const Instance& instance);

// The same of a step, with durations and sizes as people write them.
std::string readable_settings(const Step& step);

// "block", "drop_newest", "drop_oldest", "spill".
const char* on_full_name(OnFull on_full);

}  // namespace picket::config
