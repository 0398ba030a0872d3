// SPDX-License-Identifier: Apache-2.0
//
// The second stage of compiling: gives every part of the tree its possible types, resolves fields, functions and
// severities, compiles the patterns, and refuses what can never have a result. Runs on the thread that compiles.
#pragma once

#include "routing/expression/ast.hpp"
#include "routing/names.hpp"

namespace picket::routing::expression {

// The ids of texts, under the policy of compile().
class Vocabulary {
 public:
  Vocabulary(Names& names, NamePolicy policy)
      : names_(&names), adds_(policy == NamePolicy::intern ? &names : nullptr) {}
  // Never adds.
  explicit Vocabulary(const Names& names) : names_(&names) {}

  // 0 when `text` has no id, and gets none.
  picket_name id(std::string_view text) const { return adds_ != nullptr ? adds_->intern(text) : names_->find(text); }
  const Names& names() const { return *names_; }

 private:
  const Names* names_;
  Names* adds_ = nullptr;
};

// Completes the tree below and including `ast`. Throws CompileFailure.
void check(Ast& ast, const Vocabulary& vocabulary);

}  // namespace picket::routing::expression
