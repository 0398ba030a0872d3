// SPDX-License-Identifier: Apache-2.0
#include "config/loader.hpp"

#include <memory>
#include <utility>

#include "config/sections.hpp"
#include "config/source.hpp"
#include "config/substitute.hpp"
#include "config/tree.hpp"

namespace picket::config {
namespace {

// nullopt when a file could not be read or parsed: half a configuration would be full of false mistakes.
std::optional<std::vector<Node>> parse_files(const LoadInput& input, std::vector<std::unique_ptr<Source>>& sources,
                                             Model& model, Diagnostics& diagnostics) {
  const std::vector<std::filesystem::path> files = find_files(input.files, diagnostics);
  std::vector<Node> documents;
  if (diagnostics.has_errors()) return std::nullopt;
  for (const std::filesystem::path& path : files) {
    std::unique_ptr<Source> source = read_source(path, diagnostics);
    if (!source) continue;
    model.files.push_back(source->name());
    if (std::optional<Node> document = parse_yaml(*source, diagnostics)) documents.push_back(std::move(*document));
    sources.push_back(std::move(source));
  }
  if (documents.size() != files.size()) return std::nullopt;
  return documents;
}

void check(Node root, const LoadInput& input, Model& model, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  model.daemon = check_daemon(root.find_entry("daemon"), input, diagnostics);
  if (diagnostics.errors() == before && input.on_daemon) input.on_daemon(model.daemon);
  const SecretDirectories secrets{path_from_utf8(input.environment("CREDENTIALS_DIRECTORY").value_or("")),
                                  path_from_utf8(model.daemon.secrets_dir)};
  for (const char* section : {"instances", "routes"}) {
    if (Node* node = root.find(section)) resolve_secrets(*node, secrets, diagnostics);
  }
  check_instances(root.find("instances"), input, model, diagnostics);
  check_routes(root.find("routes"), root.find("instances"), input, model, diagnostics);
}

}  // namespace

Loaded load(const LoadInput& input) {
  Loaded loaded;
  Model model;
  std::vector<std::unique_ptr<Source>> sources;  // every Place points into them
  std::optional<std::vector<Node>> documents = parse_files(input, sources, model, loaded.diagnostics);
  if (!documents) return loaded;
  std::size_t budget = kMaxSubstituted;
  for (Node& document : *documents) substitute_environment(document, input.environment, budget, loaded.diagnostics);
  check(merge_documents(std::move(*documents), loaded.diagnostics), input, model, loaded.diagnostics);
  if (!loaded.diagnostics.has_errors()) loaded.model = std::move(model);
  return loaded;
}

}  // namespace picket::config
