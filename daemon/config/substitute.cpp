// SPDX-License-Identifier: Apache-2.0
//
// substitute_environment().
#include "config/substitute.hpp"

#include <algorithm>
#include <utility>

namespace picket::config {
namespace {

constexpr int kMaxNesting = 16;

bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool is_variable_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

// Where in the value it went wrong, and why.
struct Mistake {
  std::size_t offset;
  std::string message;
};

// One value: text = (literal | "$${" | reference)*, reference = "${" name [":-" text | ":?" text] "}".
class Expander {
 public:
  Expander(std::string_view text, const Environment& environment, std::size_t budget)
      : text_(text), environment_(environment), limit_(std::min(budget, kMaxScalar)) {}

  std::string run() { return expand(0, false); }

 private:
  std::string expand(int depth, bool nested) {
    std::string out;
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (nested && rest.front() == '}') break;
      if (rest.starts_with("$${")) {
        out += "${";
        at_ += 3;
      } else if (rest.starts_with("${")) {
        out += reference(depth + 1);
      } else {
        out += rest.front();
        ++at_;
      }
      if (out.size() > limit_) throw Mistake{0, "this value is too long after substitution"};
    }
    return out;
  }

  std::string reference(int depth) {
    const std::size_t start = at_;
    if (depth > kMaxNesting) throw Mistake{start, "`${` is nested too deep"};
    at_ += 2;
    const std::size_t name_start = at_;
    while (at_ < text_.size() && is_variable_part(text_[at_])) ++at_;
    const std::string name(text_.substr(name_start, at_ - name_start));
    if (name.empty() || !is_name_start(name.front())) {
      throw Mistake{start, "`${` needs the name of an environment variable; write `$${` for the text itself"};
    }
    const std::optional<std::string> value = environment_(name);
    const std::string_view rest = text_.substr(at_);
    std::string other;
    bool falls_back = false;
    bool refuses = false;
    if (rest.starts_with(":-") || rest.starts_with(":?")) {
      at_ += 2;
      const bool needed = !value || value->empty();
      falls_back = needed && rest[1] == '-';
      refuses = needed && rest[1] == '?';
      if (needed) {
        other = expand(depth, true);
      } else {
        skip(depth);
      }
    } else if (!rest.empty() && rest.front() != '}') {
      throw Mistake{at_, "expected `}`, `:-default` or `:?message` after `${" + name + "`"};
    }
    if (at_ >= text_.size()) throw Mistake{start, "`${" + name + "` is not closed by `}`"};
    ++at_;
    if (refuses) throw Mistake{start, "environment variable " + name + ": " + (other.empty() ? "must be set" : other)};
    if (falls_back) return other;
    if (!value) {
      throw Mistake{start,
                    "environment variable " + name + " is not set; set it, or give a default: ${" + name + ":-value}"};
    }
    if (valid_utf8_prefix(*value) != value->size()) {
      throw Mistake{start, "environment variable " + name + " is not UTF-8 text"};
    }
    return *value;
  }

  // Past a default that is not needed: variables in it need not be set.
  void skip(int depth) {
    int open = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_.substr(at_).starts_with("${")) {
        if (++open + depth > kMaxNesting) throw Mistake{at_, "`${` is nested too deep"};
        ++at_;
      } else if (text_[at_] == '}' && open-- == 0) {
        return;
      }
    }
  }

  std::string_view text_;
  const Environment& environment_;
  std::size_t limit_;
  std::size_t at_ = 0;
};

void substitute_scalar(Node& node, const Environment& environment, std::size_t& budget, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::scalar || node.text.find("${") == std::string::npos || node.tag == "!secret") return;
  try {
    std::string text = Expander(node.text, environment, budget).run();
    budget -= text.size();
    node.text = std::move(text);
    node.substituted = true;
  } catch (const Mistake& mistake) {
    report(diagnostics, Severity::error, place_in_scalar(node, mistake.offset), mistake.message);
    node.kind = Node::Kind::broken;
  }
}

}  // namespace

void substitute_environment(Node& root, const Environment& environment, std::size_t& budget, Diagnostics& diagnostics) {
  substitute_scalar(root, environment, budget, diagnostics);
  for (Node& item : root.items) substitute_environment(item, environment, budget, diagnostics);
  for (Entry& entry : root.entries) substitute_environment(entry.value, environment, budget, diagnostics);
}

}  // namespace picket::config
