// SPDX-License-Identifier: Apache-2.0
//
// The settings of an instance as its plugin sees them: a picket_config over canonical JSON text.
#pragma once

#include <memory>
#include <string>

#include "picket/plugin.h"

namespace picket::plugin_host {

// Valid as long as it lives; must not move while a plugin reads it.
class ConfigView {
 public:
  // REQUIRES: `json` is a JSON object (the configuration module made it).
  explicit ConfigView(std::string json);
  ~ConfigView();
  ConfigView(const ConfigView&) = delete;
  ConfigView& operator=(const ConfigView&) = delete;

  const picket_config* get() const { return &table_; }

 private:
  struct Parsed;
  static picket_str json(void* self) PICKET_NOEXCEPT;
  static picket_status value(void* self, picket_str pointer, picket_type type, picket_field* value,
                             picket_str* text) PICKET_NOEXCEPT;

  const std::string json_;
  std::unique_ptr<Parsed> parsed_;  // made when the first value is asked for
  picket_config table_{};
};

}  // namespace picket::plugin_host
