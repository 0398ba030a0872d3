// SPDX-License-Identifier: Apache-2.0
//
// The plugin under test, for the trials: loads its library, finds settings that it takes, and makes instances whose
// every call is guarded. Runs in the child; the thread of the trial unless a function says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "picket/result.hpp"
#include "picket/testing.hpp"
#include "plugin_check/report.hpp"
#include "plugin_check/trial.hpp"

namespace picket::plugin_check {

// Ends a trial whose finding is in the report already.
struct TrialOver {};

// What picket_plugin_v1 of the library returns. The error is the loader's, or says that there is no such function.
Result<const picket_plugin_type*> load_type(const std::filesystem::path& file);

// The id that the file's name says: "libweb.so" -> "web"; empty when it is not called like a plugin.
std::string id_of_library(const std::filesystem::path& file);

// Canonical settings for an instance: those of --settings; else the defaults, if the schema takes nothing at all; else
// the first of the schema's `examples` that it takes itself. The error says what to give.
Result<std::string> usable_settings(const picket_plugin_type& type, const TrialInput& input);

// Loads and finds settings, or ends the trial with the reason.
class Subject {
 public:
  Subject(const TrialInput& input, Report& report);

  const picket_plugin_type& type() const { return *type_; }
  const std::string& settings() const { return settings_; }
  const TrialInput& input() const { return input_; }
  Report& report() const { return report_; }

 private:
  const TrialInput& input_;
  Report& report_;
  const picket_plugin_type* type_ = nullptr;
  std::string settings_;
};

// One instance, in a host of its own. Each call says in the report where it is; an exception that comes out of the
// plugin is a finding and ends the trial. The destructor ends the instance as far as it was begun.
class Guarded {
 public:
  explicit Guarded(const Subject& subject, testing::Options options = {});
  Guarded(const Subject& subject, const std::string& settings, testing::Options options);

  testing::FakeHost& host() { return host_; }

  // These end the trial when the plugin refuses.
  void create();
  void start();
  // This one does not: what start() answers, whatever it is.
  Result<void> try_start();
  // These do not.
  void stop();
  void destroy();
  // Virtual time, in steps of a second, at most as long as real patience lasts.
  void pass(int seconds);

  // Runs anything that calls into the plugin.
  void call(const std::string& what, const std::function<void()>& work);

  // Real time for threads of the plugin to do what they should not; then everything that the host saw and must not be
  // becomes a finding.
  void settle();
  void report_misuses();

  // Whether the plugin offers an extension, its table copied.
  template <typename Table>
  Table table(const char* id) {
    Table copy{};
    call(std::string("extension(\"") + id + "\")", [&] {
      const picket_plugin& plugin = host_.plugin();
      if (plugin.extension == nullptr) return;
      copy = copy_table(static_cast<const Table*>(plugin.extension(plugin.self, id)));
    });
    return copy;
  }

  Report& report() const { return report_; }

 private:
  void require(const std::string& what, const Result<void>& result);

  const TrialInput& input_;
  Report& report_;
  testing::FakeHost host_;
};

// Events like those on the bus, of every type of value.
std::vector<testing::Event> sample_events();

// Waits in real time, at most `patience_ns`.
bool wait_for(std::int64_t patience_ns, const std::function<bool()>& condition);

}  // namespace picket::plugin_check
