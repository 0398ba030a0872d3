// SPDX-License-Identifier: Apache-2.0
//
// The JSON Schema (draft-07) of the whole configuration file, as people write it, for editors and other validators:
// `picket schema`, config/picket.schema.json, picket.yaml(5). Put together from the texts that load() checks with, so
// that a key cannot be in one and not in the other. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::config {

// A type of plugin or of step: its name, one line about it, and the schema of its settings (draft-07 text).
struct NamedSchema {
  std::string name;
  std::string summary;
  std::string schema;
};

// The schema as JSON text, keys sorted, with a line break at its end. An instance may be of the types in `plugins`, an
// item of a route's `steps` one of `steps`. Fails when the schema of one of them cannot be used, and names it.
//
// What differs from the schemas that go in: durations and sizes are text with a pattern (their limits are in the
// description), any scalar may be a text with `${...}` in it, `oneOf` is `anyOf` for that reason, an object without
// required keys may be left empty, and what load() refuses as unknown is refused here.
Result<std::string> file_schema(const std::vector<NamedSchema>& plugins, const std::vector<NamedSchema>& steps);

// Where a schema says nothing about what it stands for: a JSON pointer for each property without a description, its
// own or that of what it refers to. `text` is a schema of a plugin, of a step, or that of the file. Fails for text that
// is no JSON.
Result<std::vector<std::string>> undescribed_settings(std::string_view text);

}  // namespace picket::config
