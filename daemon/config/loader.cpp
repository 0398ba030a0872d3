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

using Sources = std::vector<std::unique_ptr<Source>>;

void check(Node root, const LoadInput& input, Model& model, Diagnostics& diagnostics) {
  model.daemon = check_daemon(root.find_entry("daemon"), input, diagnostics);
  if (input.on_daemon) input.on_daemon(model.daemon);
  const SecretDirectories secrets{path_from_utf8(input.environment("CREDENTIALS_DIRECTORY").value_or("")),
                                  path_from_utf8(model.daemon.secrets_dir)};
  for (const char* section : {"instances", "routes"}) {
    if (Node* node = root.find(section)) resolve_secrets(*node, secrets, diagnostics);
  }
  check_instances(root.find("instances"), input, model, diagnostics);
  check_routes(root.find("routes"), root.find("instances"), input, model, diagnostics);
  check_tests(root.find("tests"), root.find("instances"), input, model, diagnostics);
}

// Every Place points into `sources`. `complete`: each file could be read. After a syntax error nothing else is checked:
// half a configuration would be full of false mistakes.
Loaded load_sources(const Sources& sources, bool complete, const LoadInput& input, Diagnostics diagnostics) {
  Loaded loaded{std::nullopt, std::move(diagnostics)};
  Model model;
  std::vector<Node> documents;
  for (const auto& source : sources) {
    model.files.push_back(source->name());
    if (std::optional<Node> document = parse_yaml(*source, loaded.diagnostics)) {
      documents.push_back(std::move(*document));
    }
  }
  if (!complete || documents.size() != sources.size()) return loaded;
  std::size_t budget = kMaxSubstituted;
  for (Node& document : documents) substitute_environment(document, input.environment, budget, loaded.diagnostics);
  check(merge_documents(std::move(documents), loaded.diagnostics), input, model, loaded.diagnostics);
  if (!loaded.diagnostics.has_errors()) loaded.model = std::move(model);
  return loaded;
}

}  // namespace

Loaded load(const LoadInput& input) {
  Diagnostics diagnostics;
  Sources sources;
  const std::vector<std::filesystem::path> files = find_files(input.files, diagnostics);
  for (const std::filesystem::path& path : files) {
    if (std::unique_ptr<Source> source = read_source(path, diagnostics)) sources.push_back(std::move(source));
  }
  const bool complete = !diagnostics.has_errors();
  return load_sources(sources, complete, input, std::move(diagnostics));
}

Loaded load_texts(const std::vector<Document>& documents, const LoadInput& input) {
  Diagnostics diagnostics;
  Sources sources;
  for (const Document& document : documents) {
    auto source = std::make_unique<Source>(document.name, document.text);
    if (document.text.size() > Source::kMaxBytes) {
      diagnostics.add({Severity::error, {document.name, 0, 0}, "is larger than 4 MiB", {}});
    } else if (check_text(*source, diagnostics)) {
      sources.push_back(std::move(source));
    }
  }
  const bool complete = !diagnostics.has_errors();
  return load_sources(sources, complete, input, std::move(diagnostics));
}

}  // namespace picket::config
