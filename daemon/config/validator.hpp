// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema draft-07, as a decider: valid or not, and where not. Keeps the schema library (slow to compile) in one
// file. Internal to this folder; single thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace picket::config {

struct Violation {
  std::string pointer;  // JSON pointer of the offending value; empty: the whole
  std::string message;  // the library's words
};

class Validator {
 public:
  // Throws std::exception when `schema` is not a schema.
  explicit Validator(const nlohmann::json& schema);
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  bool accepts(const nlohmann::json& value) const;
  std::vector<Violation> violations(const nlohmann::json& value) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

// `~` and `/` of one step of a JSON pointer (RFC 6901, section 3).
std::string escape_pointer(std::string step);

}  // namespace picket::config
