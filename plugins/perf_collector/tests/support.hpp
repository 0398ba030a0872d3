// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the groups share: a host that only knows names, samples as a map that reads like a chart's legend,
// and a folder that stands in for /proc.
#pragma once

#include <picket/host.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "machine.hpp"
#include "samples.hpp"
#include "vocabulary.hpp"

namespace picket::perf_collector::test {

inline constexpr std::int64_t kSecond = 1'000'000'000;  // in ns

// Interning and descriptions; every other function of the table is null, so using it fails at once.
class NamesHost {
 public:
  NamesHost() {
    table.size = sizeof table;
    table.self = this;
    table.intern = [](void* self, picket_str text) noexcept { return of(self).intern({text.data, text.length}); };
    table.text = [](void* self, picket_name name) noexcept {
      const std::string& text = of(self).texts.at(name - 1);
      return picket_str_of(text.data(), text.size());
    };
    table.describe_metric = [](void* self, const picket_metric* metric) noexcept {
      const picket_name name = of(self).intern({metric->name.data, metric->name.length});
      of(self).metrics.emplace(name, *metric);
      return name;
    };
    table.metric = [](void* self, picket_name name, picket_metric* metric) noexcept -> picket_status {
      const auto found = of(self).metrics.find(name);
      if (found == of(self).metrics.end()) return PICKET_NOT_FOUND;
      *metric = found->second;
      return PICKET_OK;
    };
  }
  NamesHost(const NamesHost&) = delete;
  NamesHost& operator=(const NamesHost&) = delete;

  picket_host table{};
  std::deque<std::string> texts;
  std::map<std::string, picket_name, std::less<>> ids;
  std::map<picket_name, picket_metric> metrics;
  std::size_t room = 65'536;

 private:
  static NamesHost& of(void* self) { return *static_cast<NamesHost*>(self); }

  picket_name intern(std::string_view text) {
    const auto found = ids.find(text);
    if (found != ids.end()) return found->second;
    if (texts.size() >= room) return 0;
    texts.emplace_back(text);
    return ids[texts.back()] = static_cast<picket_name>(texts.size());
  }
};

// Everything that a group needs around it.
struct World {
  NamesHost host;
  Vocabulary vocabulary{&host.table};
  Samples samples{vocabulary};

  // "system.cpu.time{cpu.mode=user}" -> value. A key that comes twice reads as "... (twice)".
  std::map<std::string, double> values() {
    std::map<std::string, double> all;
    const picket_batch batch = samples.view();
    for (std::uint32_t i = 0; i < batch.event_count; ++i) {
      const picket_field* field = batch.fields + batch.events[i].first_field;
      std::string key(vocabulary.text(field[0].value.name));
      std::string attributes;
      for (std::uint32_t f = 2; f < batch.events[i].field_count; ++f) {
        attributes +=
            (attributes.empty() ? "" : ",") + std::string(vocabulary.text(field[f].key)) + "=" + shown(batch, field[f]);
      }
      if (!attributes.empty()) key += "{" + attributes + "}";
      if (all.contains(key)) key += " (twice)";
      all[key] = field[1].type == PICKET_TYPE_INT ? static_cast<double>(field[1].value.i) : field[1].value.f;
    }
    return all;
  }

 private:
  std::string shown(const picket_batch& batch, const picket_field& field) const {
    if (field.type == PICKET_TYPE_NAME) return std::string(vocabulary.text(field.value.name));
    if (field.type == PICKET_TYPE_INT) return std::to_string(field.value.i);
    const picket_str text = picket_batch_field_bytes(&batch, &field);
    return {text.data, text.length};
  }
};

// A folder that is removed with it, on request a copy of another.
class Folder {
 public:
  Folder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            ("perf_collector_test_" + std::to_string(random()) + std::to_string(random()));
    std::filesystem::create_directories(path_);
  }
  explicit Folder(const std::filesystem::path& original) : Folder() {
    std::filesystem::copy(original, path_, std::filesystem::copy_options::recursive);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name = "") const { return (name.empty() ? path_ : path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary | std::ios::trunc) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Replaces the first `from` in a file by `to`; the file must hold it.
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read(name);
    text.replace(text.find(from), from.size(), to);  // throws std::out_of_range when it is not there
    write(name, text);
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path_ / name); }

 private:
  std::filesystem::path path_;
};

// A copy of the captured /proc, and a machine of two CPUs, 100 ticks a second and pages of 4 KiB that it belongs to.
struct FixtureProc : Folder {
  FixtureProc() : Folder(std::filesystem::path(PERF_COLLECTOR_FIXTURES) / "proc") {}

  Machine machine(std::size_t kept_process_files = 256) const {
    return {path(), 100, 4096, kept_process_files, [] { return 2; }};
  }
};

}  // namespace picket::perf_collector::test
