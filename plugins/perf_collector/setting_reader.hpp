// SPDX-License-Identifier: Apache-2.0
//
// Takes single settings out of the JSON of an instance, each with an error that says where it is: what is left to check
// where the daemon has already held everything against the schema. Each throws std::invalid_argument. [control]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "choice.hpp"

namespace picket::perf_collector {

// "where: what"
[[noreturn]] void fail(const std::string& where, const std::string& what);

// Only these keys, in an object.
void check_keys(const nlohmann::json& object, const std::string& where, std::initializer_list<const char*> known);

// `otherwise` where the key is missing. A duration is nanoseconds, between kShortestInterval and kLongestInterval.
std::int64_t get_duration(const nlohmann::json& object, const char* key, const std::string& where,
                          std::int64_t otherwise);
std::int64_t get_integer(const nlohmann::json& object, const char* key, const std::string& where, std::int64_t least,
                         std::int64_t most, std::int64_t otherwise);
double get_number(const nlohmann::json& object, const char* key, const std::string& where, double otherwise);
bool get_bool(const nlohmann::json& object, const char* key, const std::string& where, bool otherwise);

// Empty where the key is missing; a text that is there is never empty.
std::string get_text(const nlohmann::json& object, const char* key, const std::string& where);
std::vector<std::string> get_texts(const nlohmann::json& object, const char* key, const std::string& where,
                                   std::size_t most, std::vector<std::string> otherwise = {});
// `include` and `exclude`, at most kMostGlobs each.
Choice get_choice(const nlohmann::json& object, const std::string& where,
                  std::vector<std::string> exclude_by_default = {});

}  // namespace picket::perf_collector
