// SPDX-License-Identifier: Apache-2.0
//
// A configuration from a text, with sources and sinks of a type that takes no settings and the daemon's own steps. Used
// by the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings.hpp"
#include "config/loader.hpp"
#include "config/source.hpp"
#include "routing/names.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::analysis {

class AnyPlugins final : public config::PluginSchemas {
 public:
  Result<std::string> find(std::string_view) const override { return std::string(R"({"type": "object"})"); }
  std::vector<std::string> types() const override { return {"any"}; }
};

class RealSteps final : public config::StepSchemas {
 public:
  std::optional<std::string> find(std::string_view type) const override {
    const routing::StepType* const found = routing::find_step_type(type);
    return found == nullptr ? std::nullopt : std::optional<std::string>(found->schema);
  }
  std::vector<std::string> types() const override { return {}; }
  std::vector<config::StepMistake> check(std::string_view, const std::string&) const override { return {}; }
};

class AnalysisTest : public testing::Test {
 protected:
  AnalysisTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::temp_directory_path() /
                 (std::string("picket_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~AnalysisTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // `instances`: names; `routes`: the YAML below `routes:`, each line set in by two.
  config::Model load(const std::vector<std::string>& instances, std::string_view routes) {
    std::string text = "instances:\n";
    for (const std::string& name : instances) text += "  " + name + ": {type: any}\n";
    text += "routes:\n" + std::string(routes);
    const std::filesystem::path file = directory_ / "picket.yaml";
    std::ofstream(file, std::ios::binary) << text;
    config::LoadInput input;
    input.files = {file};
    input.environment = [](std::string_view) { return std::nullopt; };
    input.plugins = &plugins_;
    input.steps = &steps_;
    input.defaults.state_dir = directory_ / "state";
    config::Loaded loaded = config::load(input);
    EXPECT_TRUE(loaded.model) << loaded.diagnostics.render();
    return loaded.model.value_or(config::Model{});
  }

  std::vector<Finding> find(const config::Model& model) {
    SourceLines lines;
    return find_all(model, lines);
  }

  // "kind line:column message" of each finding.
  std::vector<std::string> found(const std::vector<std::string>& instances, std::string_view routes) {
    std::vector<std::string> list;
    for (const Finding& finding : find(load(instances, routes))) {
      list.push_back(std::string(to_string(finding.kind)) + " " + std::to_string(finding.where.line) + ":" +
                     std::to_string(finding.where.column) + " " + finding.message);
    }
    return list;
  }

  std::filesystem::path directory_;
  AnyPlugins plugins_;
  RealSteps steps_;
};

}  // namespace picket::analysis
