// SPDX-License-Identifier: Apache-2.0
//
// The settings of one instance by themselves, without a configuration around them: for checking a plugin. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::config {

// `yaml` is a mapping of settings, without `type`; `name` is what messages call its file. Checked against `schema` and
// completed with its defaults, as canonical JSON. Relative paths are put below `base`. The error has every mistake,
// with its place.
Result<std::string> check_plugin_settings(std::string_view schema, std::string_view yaml, const std::string& name,
                                          const std::filesystem::path& base);

}  // namespace picket::config
