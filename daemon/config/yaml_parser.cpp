// SPDX-License-Identifier: Apache-2.0
//
// parse_yaml(): yaml-cpp's events -> tree.hpp. The only file that sees yaml-cpp's parser.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "config/tree.hpp"

namespace picket::config {
namespace {

// Ends the parse: a limit was passed, or the structure cannot be used.
struct Stop {
  Place where;
  std::string message;
};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Entry& entry : node.entries) count += count_nodes(entry.value);
  return count;
}

std::size_t depth_of(const Node& node) {
  std::size_t depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
  for (const Entry& entry : node.entries) depth = std::max(depth, depth_of(entry.value));
  return depth + (node.kind == Node::Kind::sequence || node.kind == Node::Kind::mapping ? 1 : 0);
}

// The parser says "?" for a plain scalar without a tag and "!" for any other one. Tags of the core schema change
// nothing, except that !!str makes a plain scalar a string.
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

bool starts_with_null(std::string_view text) {
  constexpr std::array<std::string_view, 4> kNulls = {"~", "null", "Null", "NULL"};
  return std::any_of(kNulls.begin(), kNulls.end(), [&](std::string_view null) { return text.starts_with(null); });
}

class Builder : public YAML::EventHandler {
 public:
  Builder(const Source& source, Diagnostics& diagnostics) : source_(source), diagnostics_(diagnostics) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) throw Stop{place(mark), "a second document; a configuration file holds one, so remove `---`"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.where = place(mark);
    if (!stack_.empty() && !starts_with_null(std::string_view(source_.text()).substr(node.where.offset))) {
      node.where = place_of_nothing(node.where);
    }
    complete(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{place(mark), "an alias cannot stand inside its own anchor"};
    if (stack_.size() + depth_of(found->second) > kMaxDepth) throw too_deep(place(mark));
    count(count_nodes(found->second), place(mark));
    add(found->second, place(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.where = place(mark);
    node.text = value;
    node.style = style_at(node.where.offset);
    check_closed(node);
    set_tag(node, tag);
    if (tag == std::string(kCoreTag) + "str" && node.style == Node::Style::plain) {
      node.style = Node::Style::single_quoted;
      node.substituted = true;  // no quote to step over
    }
    complete(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool has_key = false;
    bool drop = false;  // the value of a repeated key
    std::string key;
    Place key_where;
    std::unordered_map<std::string, Place> keys;
  };

  Place place(const YAML::Mark& mark) const {
    return {&source_, static_cast<std::size_t>(mark.is_null() ? 0 : mark.pos)};
  }

  static Stop too_deep(Place where) { return {where, "nested deeper than " + std::to_string(kMaxDepth) + " levels"}; }

  // For a value that is not there the parser says where the next token is. The key is what the reader looks for, and in
  // a sequence the dash.
  Place place_of_nothing(Place next) const {
    const Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::mapping && top.has_key) return top.key_where;
    const std::string_view before = std::string_view(source_.text()).substr(0, next.offset);
    for (int line = source_.locate(next.offset).line; line > 0; --line) {
      const std::size_t start = source_.line_start(line);
      const std::size_t dash = before.find_first_not_of(' ', start);
      if (dash != std::string_view::npos && before[dash] == '-' && dash >= top.node.where.offset) {
        return {&source_, dash};
      }
      if (start <= top.node.where.offset) break;
    }
    return top.node.where;
  }

  Node::Style style_at(std::size_t offset) const {
    const std::string& text = source_.text();
    while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {  // tag, anchor
      offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
      offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
    }
    switch (offset < text.size() ? text[offset] : '\0') {
      case '"':
        return Node::Style::double_quoted;
      case '\'':
        return Node::Style::single_quoted;
      case '|':
      case '>':
        return Node::Style::block;
      default:
        return Node::Style::plain;
    }
  }

  // The parser takes the end of the file for the closing quote when a line break stands before it.
  static void check_closed(const Node& node) {
    if (node.style != Node::Style::single_quoted && node.style != Node::Style::double_quoted) return;
    if (!quote_is_closed(node)) throw Stop{node.where, "a quoted text is not closed"};
  }

  static void set_tag(Node& node, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with(kCoreTag)) return;
    node.tag = tag;
    if (tag != "!secret" || node.kind != Node::Kind::scalar) {
      throw Stop{node.where, "unknown tag `" + tag + "`; only `!secret NAME` is known"};
    }
  }

  void count(std::size_t nodes, Place where) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) {
      throw Stop{where, "more than " + std::to_string(kMaxNodes) + " values, counting what aliases stand for"};
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (stack_.size() >= kMaxDepth) throw too_deep(place(mark));
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::mapping && !stack_.back().has_key) {
      throw Stop{place(mark), "a key must be text, not a list or a mapping"};
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.where = place(mark);
    frame.anchor = anchor;
    set_tag(frame.node, tag);
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    complete(std::move(frame.node), frame.anchor);
  }

  // A finished node: remembered for its aliases, then put where it belongs.
  void complete(Node node, YAML::anchor_t anchor) {
    const Place where = node.where;
    count(1, where);
    if (anchor != YAML::NullAnchor) {
      count(count_nodes(node), where);  // the copy costs as much as an alias
      anchors_[anchor] = node;
    }
    add(std::move(node), where);
  }

  void add(Node node, Place where) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::sequence) {
      top.node.items.push_back(std::move(node));
    } else if (!top.has_key) {
      take_key(top, node, where);
    } else {
      top.has_key = false;
      if (!top.drop) top.node.entries.push_back({std::move(top.key), top.key_where, std::move(node)});
    }
  }

  void take_key(Frame& top, const Node& node, Place where) {
    if (node.kind != Node::Kind::scalar || !node.tag.empty()) throw Stop{where, "a key must be plain or quoted text"};
    if (node.text.size() > kMaxKeyLength) {
      throw Stop{where, "a key longer than " + std::to_string(kMaxKeyLength) + " bytes"};
    }
    if (node.text == "<<" && node.style == Node::Style::plain) {
      throw Stop{where, "merge keys (`<<`) are not part of YAML 1.2; write the keys out, or alias the whole mapping"};
    }
    const auto [first, fresh] = top.keys.emplace(node.text, where);
    if (!fresh) {
      const Location before = source_.locate(first->second.offset);
      report(diagnostics_, Severity::error, where,
             "`" + node.text + "` is given twice in this mapping; the first is at line " + std::to_string(before.line) +
                 ", column " + std::to_string(before.column));
    }
    top.drop = !fresh;
    top.has_key = true;
    top.key = node.text;
    top.key_where = where;
  }

  const Source& source_;
  Diagnostics& diagnostics_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  Node root_;
};

// The parser's words for the mistakes that people make most, in words that say what to do.
std::string explain(const std::string& problem) {
  struct Words {
    std::string_view theirs;
    const char* ours;
  };
  static constexpr std::array kWords = {
      Words{"illegal map value", "a `key: value` cannot start here; check the indentation, and quote text with `: `"},
      Words{"end of map not found", "this line does not fit the mapping around it; check its indentation"},
      Words{"end of map flow not found", "a `{` is not closed by `}`"},
      Words{"end of sequence flow not found", "a `[` is not closed by `]`"},
      Words{"end of sequence not found", "this line does not fit the list around it; check its indentation"},
      Words{"unexpected end of block", "the text ends inside a quoted or block value"},
      Words{"illegal EOF in scalar", "a quoted text is not closed"},
      Words{"illegal tab", "a tab cannot indent; use spaces"},
      Words{"unknown token", "this character cannot start a value; quote the text"},
      Words{"the referenced anchor is not defined", "this alias has no anchor before it; define it with `&name`"},
  };
  for (const Words& words : kWords) {
    if (problem.starts_with(words.theirs)) return words.ours;
  }
  return problem;
}

}  // namespace

std::optional<Node> parse_yaml(const Source& source, Diagnostics& diagnostics) {
  Builder builder(source, diagnostics);
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Stop& stop) {
    report(diagnostics, Severity::error, stop.where, stop.message);
  } catch (const YAML::Exception& error) {
    const std::size_t offset = error.mark.is_null() ? 0 : static_cast<std::size_t>(error.mark.pos);
    report(diagnostics, Severity::error, {&source, offset}, explain(error.msg));
  }
  return std::nullopt;
}

}  // namespace picket::config
