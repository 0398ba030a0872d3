// SPDX-License-Identifier: Apache-2.0
//
// Configurations as text, with any type of plugin and the real steps, for the tests of rehearsals.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.hpp"
#include "rehearsal/rehearsal.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::rehearsal {

class AnyPlugin final : public config::PluginSchemas {
 public:
  Result<std::string> find(std::string_view /*type*/) const override { return std::string(R"({"type": "object"})"); }
  std::vector<std::string> types() const override { return {"any"}; }
};

class RealSteps final : public config::StepSchemas {
 public:
  std::optional<std::string> find(std::string_view type) const override {
    const routing::StepType* const found = routing::find_step_type(type);
    return found == nullptr ? std::nullopt : std::optional<std::string>(found->schema);
  }
  std::vector<std::string> types() const override { return {}; }
  std::vector<config::StepMistake> check(std::string_view /*type*/, const std::string& /*settings*/) const override {
    return {};
  }
};

// `picket.yaml` with the instances a, b, siem and disk before `text`.
inline config::Model model_of(const std::string& text) {
  const AnyPlugin plugins;
  const RealSteps steps;
  config::LoadInput input;
  input.environment = [](std::string_view) { return std::nullopt; };
  input.plugins = &plugins;
  input.steps = &steps;
  input.defaults.state_dir = "state";
  const std::string instances = "instances: {a: {type: any}, b: {type: any}, siem: {type: any}, disk: {type: any}}\n";
  config::Loaded loaded = config::load_texts({{"picket.yaml", instances + text}}, input);
  EXPECT_TRUE(loaded.model) << loaded.diagnostics.render();
  return loaded.model.value_or(config::Model{});
}

// A batch of one event with `value` and, if it is not empty, `name`.
inline picket_batch* batch_of(routing::Names& names, double value, const std::string& name = {}) {
  picket_batch* const batch = routing::batch_new(1, 2, 0);
  picket_batch_event(batch, names.intern("metric"));
  picket_batch_double(batch, names.intern("value"), value);
  if (!name.empty()) picket_batch_name(batch, names.intern("name"), names.intern(name));
  return batch;
}

}  // namespace picket::rehearsal
