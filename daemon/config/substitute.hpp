// SPDX-License-Identifier: Apache-2.0
//
// `${VAR}` and `!secret NAME` in scalar values, after parsing: what comes in can never add structure. Used by load().
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/tree.hpp"

namespace picket::config {

using Environment = std::function<std::optional<std::string>(std::string_view)>;

inline constexpr std::size_t kMaxScalar = 1U << 20U;        // bytes of one value after substitution
inline constexpr std::size_t kMaxSubstituted = 16U << 20U;  // bytes of all substituted values of one load
inline constexpr std::size_t kMaxSecret = 64U << 10U;       // bytes of one secret

// Replaces in every scalar value below `root`: `${VAR}` (must be set), `${VAR:-default}` (when unset or empty),
// `${VAR:?message}` (an error when unset or empty) and `$${` (a literal `${`). Defaults and messages may hold further
// references, 16 deep. Keys and `!secret` names are left alone. `budget` is kMaxSubstituted before the first call.
void substitute_environment(Node& root, const Environment& environment, std::size_t& budget, Diagnostics& diagnostics);

// Where secrets are looked for, in this order. Empty paths are skipped.
struct SecretDirectories {
  std::filesystem::path credentials;  // of systemd: it sets an ACL, which shows as group permission
  std::filesystem::path configured;   // daemon.secrets_dir
};

// Replaces every `!secret NAME` below `root` by the text of that file, without one line break at its end. Each one that
// is missing, readable by others, too large or not UTF-8 text is an error at its place.
void resolve_secrets(Node& root, const SecretDirectories& directories, Diagnostics& diagnostics);

}  // namespace picket::config
