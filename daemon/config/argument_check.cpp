// SPDX-License-Identifier: Apache-2.0
#include "config/argument_check.hpp"

#include <nlohmann/json.hpp>

#include "config/validator.hpp"

namespace picket::config {

Result<void> check_argument(std::string_view schema, std::string_view argument) {
  const auto value = nlohmann::json::parse(argument, nullptr, false);
  if (value.is_discarded()) return Error{"the argument is not JSON", PICKET_INVALID};
  if (!value.is_object()) return Error{"the argument must be a JSON object", PICKET_INVALID};
  try {
    const Validator validator(nlohmann::json::parse(schema));
    const auto violations = validator.violations(value);
    if (violations.empty()) return {};
    const Violation& first = violations.front();
    return Error{
        (first.pointer.empty() ? std::string("the argument") : "`" + first.pointer + "`") + ": " + first.message,
        PICKET_INVALID};
  } catch (const std::exception& error) {
    return Error{std::string("the command's own schema cannot be used: ") + error.what(), PICKET_FAILED};
  }
}

}  // namespace picket::config
