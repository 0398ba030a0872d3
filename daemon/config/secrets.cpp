// SPDX-License-Identifier: Apache-2.0
//
// resolve_secrets().
#include <utility>

#include "config/private_file.hpp"
#include "config/substitute.hpp"

namespace picket::config {
namespace {

constexpr std::size_t kMaxName = 255;  // bytes, of a file name on every system

// Empty when the name can be a file of the directory itself and nothing else.
std::string bad_name(std::string_view name) {
  if (name.empty()) return "`!secret` needs a name, like `!secret database-password`";
  if (name.size() > kMaxName) return "the name of a secret has at most 255 bytes";
  if (name.front() == '.') return "the name of a secret may not start with `.`";
  if (name.find_first_of("/\\:") != std::string_view::npos || name.find('\0') != std::string_view::npos) {
    return "the name of a secret may not hold `/`, `\\` or `:`";
  }
  return {};
}

Result<std::string> read_secret(const std::string& name, const SecretDirectories& directories) {
  if (directories.credentials.empty() && directories.configured.empty()) {
    return Error{"there is no directory of secrets; set daemon.secrets_dir, or run under systemd with LoadCredential=",
                 PICKET_NOT_FOUND};
  }
  Error last{"", PICKET_NOT_FOUND};
  for (const bool systemd : {true, false}) {
    const std::filesystem::path& directory = systemd ? directories.credentials : directories.configured;
    if (directory.empty()) continue;
    const std::filesystem::path path = directory / path_from_utf8(name);
    auto text = read_private_file(path, kMaxSecret, systemd);
    if (text) return text;
    last = {path_to_utf8(path) + " " + text.error().message, text.error().status};
    if (last.status != PICKET_NOT_FOUND) break;
  }
  return last;
}

void resolve_scalar(Node& node, const SecretDirectories& directories, Diagnostics& diagnostics) {
  const auto fail = [&](const std::string& message) {
    report(diagnostics, Severity::error, node.where, message);
    node.kind = Node::Kind::broken;
  };
  if (const std::string bad = bad_name(node.text); !bad.empty()) return fail(bad);
  auto text = read_secret(node.text, directories);
  if (!text) return fail("secret `" + node.text + "`: " + text.error().message);
  if (text->ends_with('\n')) {
    text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
  }
  if (valid_utf8_prefix(*text) != text->size() || text->find('\0') != std::string::npos) {
    return fail("secret `" + node.text + "` is not UTF-8 text");
  }
  node.text = std::move(*text);
  node.style = Node::Style::single_quoted;  // a secret is a string, whatever it looks like
  node.substituted = true;
  node.secret = true;
}

}  // namespace

void resolve_secrets(Node& root, const SecretDirectories& directories, Diagnostics& diagnostics) {
  if (root.kind == Node::Kind::scalar && root.tag == "!secret" && !root.secret) {
    resolve_scalar(root, directories, diagnostics);
  }
  for (Node& item : root.items) resolve_secrets(item, directories, diagnostics);
  for (Entry& entry : root.entries) resolve_secrets(entry.value, directories, diagnostics);
}

}  // namespace picket::config
