// SPDX-License-Identifier: Apache-2.0
#include "config/validator.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace picket::config {

struct Validator::Compiled {
  valijson::Schema schema;
};

Validator::Validator(const nlohmann::json& schema) : compiled_(std::make_unique<Compiled>()) {
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), compiled_->schema);
}

Validator::~Validator() = default;

bool Validator::accepts(const nlohmann::json& value) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(compiled_->schema, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
}

std::vector<Violation> Validator::violations(const nlohmann::json& value) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  std::vector<Violation> found;
  if (validator.validate(compiled_->schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) return found;
  for (const auto& error : results) {
    Violation violation{{}, error.description};
    // The library's steps are "<root>", then "[name]" or "[index]".
    for (std::size_t i = 1; i < error.context.size(); ++i) {
      const std::string& step = error.context[i];
      violation.pointer += "/" + escape_pointer(step.size() >= 2 ? step.substr(1, step.size() - 2) : step);
    }
    found.push_back(std::move(violation));
  }
  return found;
}

std::string escape_pointer(std::string step) {
  for (std::size_t at = 0; (at = step.find_first_of("~/", at)) != std::string::npos; at += 2) {
    step.replace(at, 1, step[at] == '~' ? "~0" : "~1");
  }
  return step;
}

}  // namespace picket::config
