// SPDX-License-Identifier: Apache-2.0
//
// One YAML document as a tree whose every node knows its place. Built from the parser's events rather than its node
// type, because duplicate keys, the cost of aliases and the style of a scalar are seen only there. Single thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/source.hpp"

namespace picket::config {

// Limits on one document.
inline constexpr std::size_t kMaxDepth = 64;         // of nested mappings and sequences
inline constexpr std::size_t kMaxNodes = 100'000;    // after aliases are replaced by what they stand for
inline constexpr std::size_t kMaxKeyLength = 1'024;  // bytes

struct Entry;

struct Node {
  // broken: something about it is reported already; it is given, and satisfies everything.
  enum class Kind { null, scalar, sequence, mapping, broken };
  enum class Style { plain, single_quoted, double_quoted, block };

  Kind kind = Kind::null;
  Style style = Style::plain;  // of a scalar
  bool substituted = false;    // `text` is no longer what the file says
  bool secret = false;         // `text` came from a secret; it is never shown
  std::string tag;             // "!secret"; empty for none
  std::string text;            // of a scalar
  Place where;                 // of the tag or anchor if there is one, else of the first character
  std::vector<Node> items;     // of a sequence
  std::vector<Entry> entries;  // of a mapping, in the order of the file, keys unique

  // The value of a key; null when there is none or this is no mapping.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Entry* find_entry(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place where;  // of the key
  Node value;
};

// Parses one file. Adds the first syntax error, and every duplicate key. nullopt after a syntax error; an empty file is
// a null node.
std::optional<Node> parse_yaml(const Source& source, Diagnostics& diagnostics);

// The place in the file of byte `offset` of a scalar's text: exact for a scalar on one line, else the scalar's start.
Place place_in_scalar(const Node& node, std::size_t offset);

// Whether the closing quote of a quoted scalar is there. REQUIRES: the node is as the file says it.
bool quote_is_closed(const Node& node);

}  // namespace picket::config
