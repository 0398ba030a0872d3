// SPDX-License-Identifier: Apache-2.0
//
// find_files() and merge_documents().
#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "config/sections.hpp"
#include "config/suggest.hpp"

namespace picket::config {

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names = {"daemon", "instances", "routes", "tests"};
  return names;
}

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1'000;   // of one conf.d
constexpr std::size_t kMaxNamed = 10'000;  // instances, and routes, of all files

void fail(const fs::path& path, Severity severity, std::string message, Diagnostics& diagnostics) {
  diagnostics.add({severity, {path_to_utf8(path), 0, 0}, std::move(message), {}});
}

std::vector<fs::path> drop_ins(const fs::path& directory, Diagnostics& diagnostics) {
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(directory, error) && !error) return found;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path path = entries->path();
    if (path_to_utf8(path.filename()).starts_with('.')) continue;
    if (path.extension() == ".yaml") {
      found.push_back(path);
    } else if (path.extension() == ".yml") {
      fail(path, Severity::warning, "is not read: only *.yaml is; rename it", diagnostics);
    }
  }
  if (error) fail(directory, Severity::error, "cannot be listed: " + error.message(), diagnostics);
  if (found.size() > kMaxFiles) {
    fail(directory, Severity::error, "holds more than " + std::to_string(kMaxFiles) + " files", diagnostics);
    found.clear();
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return path_to_utf8(a.filename()) < path_to_utf8(b.filename());
  });
  return found;
}

// Tests are a list: those of all files, in their order.
void merge_list(Node& into, Node from, Diagnostics& diagnostics) {
  if (into.items.size() + from.items.size() > kMaxNamed) {
    report(diagnostics, Severity::error, from.where,
           "more than " + std::to_string(kMaxNamed) + " entries in all files");
    return;
  }
  std::move(from.items.begin(), from.items.end(), std::back_inserter(into.items));
}

std::string there(const Place& place) {
  const Location where = locate(place);
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

void said_twice(const std::string& name, const Place& again, const Place& first, Diagnostics& diagnostics) {
  report(diagnostics, Severity::error, again, "`" + name + "` is defined twice; it is also at " + there(first));
}

// Settings of the daemon may be spread over files, down to the single value.
void merge_settings(Node& into, Node from, const std::string& prefix, Diagnostics& diagnostics) {
  for (Entry& entry : from.entries) {
    const std::string name = prefix + "." + entry.key;
    const auto found = std::find_if(into.entries.begin(), into.entries.end(),
                                    [&](const Entry& other) { return other.key == entry.key; });
    if (found == into.entries.end()) {
      into.entries.push_back(std::move(entry));
    } else if (found->value.kind == Node::Kind::mapping && entry.value.kind == Node::Kind::mapping) {
      merge_settings(found->value, std::move(entry.value), name, diagnostics);
    } else {
      said_twice(name, entry.where, found->where, diagnostics);
    }
  }
}

void merge_named(Node& into, Node from, Diagnostics& diagnostics) {
  if (into.entries.size() + from.entries.size() > kMaxNamed) {
    report(diagnostics, Severity::error, from.where,
           "more than " + std::to_string(kMaxNamed) + " entries in all files");
    return;
  }
  for (Entry& entry : from.entries) {
    if (const Entry* first = into.find_entry(entry.key)) {
      said_twice(entry.key, entry.where, first->where, diagnostics);
    } else {
      into.entries.push_back(std::move(entry));
    }
  }
}

bool usable(const Entry& section, Diagnostics& diagnostics) {
  const auto& names = section_names();
  if (std::find(names.begin(), names.end(), section.key) == names.end()) {
    report(diagnostics, Severity::error, section.where,
           "unknown section `" + section.key + "`" + suggestion(section.key, names));
    return false;
  }
  if (section.value.kind == Node::Kind::null) return false;
  const bool list = section.key == "tests";
  if (section.value.kind == (list ? Node::Kind::sequence : Node::Kind::mapping)) return true;
  report(diagnostics, Severity::error, section.value.where,
         "`" + section.key + "` must be a " + (list ? "list" : "mapping"));
  return false;
}

}  // namespace

std::vector<fs::path> find_files(const std::vector<fs::path>& given, Diagnostics& diagnostics) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  std::set<fs::path> directories;
  const auto take = [&](const fs::path& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    if (seen.insert(error ? path : real).second) {
      files.push_back(path);
    } else {
      fail(path, Severity::error, "is given twice", diagnostics);
    }
  };
  for (const fs::path& path : given) {
    std::error_code error;
    const fs::path file = fs::is_directory(path, error) ? path / "picket.yaml" : path;
    take(file);
    const fs::path beside = file.parent_path() / "conf.d";
    if (!directories.insert(fs::weakly_canonical(beside, error)).second) continue;
    for (const fs::path& drop_in : drop_ins(beside, diagnostics)) take(drop_in);
  }
  if (given.empty()) diagnostics.add({Severity::error, {}, "no configuration file is given; use --config FILE", {}});
  return files;
}

Node merge_documents(std::vector<Node> documents, Diagnostics& diagnostics) {
  Node merged;
  merged.kind = Node::Kind::mapping;
  for (Node& document : documents) {
    if (document.kind == Node::Kind::null) continue;
    if (document.kind != Node::Kind::mapping) {
      report(diagnostics, Severity::error, document.where,
             "the file must be a mapping of " + quoted_list(section_names()));
      continue;
    }
    for (Entry& section : document.entries) {
      if (!usable(section, diagnostics)) continue;
      Node* into = merged.find(section.key);
      const bool whole = section.key == "daemon" || section.key == "tests";
      if (into == nullptr && whole) {
        merged.entries.push_back(std::move(section));
      } else if (into == nullptr) {
        Node fresh;
        fresh.kind = Node::Kind::mapping;
        fresh.where = section.value.where;
        merge_named(fresh, std::move(section.value), diagnostics);
        merged.entries.push_back({section.key, section.where, std::move(fresh)});
      } else if (section.key == "daemon") {
        merge_settings(*into, std::move(section.value), "daemon", diagnostics);
      } else if (section.key == "tests") {
        merge_list(*into, std::move(section.value), diagnostics);
      } else {
        merge_named(*into, std::move(section.value), diagnostics);
      }
    }
  }
  return merged;
}

}  // namespace picket::config
