// SPDX-License-Identifier: Apache-2.0
//
// The one way from files to a checked model. Called at start, by reload and by every verb that reads the configuration,
// on the calling thread; it touches nothing but the files that it reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "picket/result.hpp"

namespace picket::config {

// What plugins are installed. find() and types() are called from load() only, on its thread.
class PluginSchemas {
 public:
  virtual ~PluginSchemas() = default;
  // The JSON Schema (draft-07 text) of the settings of an instance of `type`. NOT_FOUND when there is no such plugin;
  // any other error says why the one that there is cannot be used.
  virtual Result<std::string> find(std::string_view type) const = 0;
  // Every type that find() knows, for suggestions.
  virtual std::vector<std::string> types() const = 0;
};

// Why a filter does not compile; `offset` is the byte in the filter's text.
struct FilterError {
  std::string message;
  std::size_t offset = 0;
};
// Compiles the text of a `where`; nullopt when it is good.
using FilterCheck = std::function<std::optional<FilterError>(std::string_view)>;

// A mistake in the settings of a step that its schema cannot see, or in the event of a test.
struct StepMistake {
  std::string pointer;     // JSON pointer to the value, as "/raise"
  std::size_t offset = 0;  // byte in it, for texts
  std::string message;
};
// Reads the JSON text of an event; nullopt when it is good.
using EventCheck = std::function<std::optional<StepMistake>(const std::string&)>;

// What types of steps there are. Called from load() only, on its thread.
class StepSchemas {
 public:
  virtual ~StepSchemas() = default;
  // The JSON Schema (draft-07 text) of the settings of a step of `type`; nullopt when there is no such type.
  virtual std::optional<std::string> find(std::string_view type) const = 0;
  virtual std::vector<std::string> types() const = 0;
  // Everything else that is wrong with settings (canonical JSON) that fit the schema.
  virtual std::vector<StepMistake> check(std::string_view type, const std::string& settings) const = 0;
};

// What holds when neither the files nor the environment say anything.
struct Defaults {
  std::filesystem::path state_dir;                 // unless STATE_DIRECTORY is set
  std::vector<std::filesystem::path> plugin_dirs;  // unless PICKET_PLUGIN_PATH is set
  std::filesystem::path secrets_dir;               // may be empty
};

struct LoadInput {
  // Files, or directories that hold a picket.yaml. Beside each, conf.d/*.yaml is read too, in byte order.
  std::vector<std::filesystem::path> files;
  // The value of an environment variable; also asked for STATE_DIRECTORY, PICKET_PLUGIN_PATH and CREDENTIALS_DIRECTORY.
  std::function<std::optional<std::string>(std::string_view)> environment;
  const PluginSchemas* plugins = nullptr;    // not null
  FilterCheck check_filter;                  // may be empty: filters are not looked at
  FilterCheck check_template;                // the same for a text with `{expressions}`
  EventCheck check_event;                    // of tests; may be empty
  std::vector<std::string> daemon_commands;  // of the instance `picket`; empty: not known
  const StepSchemas* steps = nullptr;        // may be null: then there are no types of steps
  Defaults defaults;
  // May be empty. Called when `daemon:` is checked, before `plugins` is first asked: the moment to look through
  // plugin_dirs. Called also when that section has errors, so that the instances are checked all the same; then only
  // plugin_dirs means something, and is what can be understood of it, else the default.
  std::function<void(const DaemonSettings&)> on_daemon;
};

struct Loaded {
  std::optional<Model> model;  // only when there is no error
  Diagnostics diagnostics;     // warnings may be there in either case
};

// Reads, merges, substitutes, fills in and checks. After a syntax error anywhere only syntax is reported (for every
// file), since half a configuration would be full of false mistakes; else every mistake is.
Loaded load(const LoadInput& input);

// The text of a configuration file that is in memory, and what messages call it.
struct Document {
  std::string name;
  std::string text;
};

// The same over texts; `input.files` is not looked at. For standard input, for a text that is not stored yet, for
// tests.
Loaded load_texts(const std::vector<Document>& documents, const LoadInput& input);

// The separator of directories in PICKET_PLUGIN_PATH: `:` or, on Windows, `;`.
extern const char kPathListSeparator;

}  // namespace picket::config
