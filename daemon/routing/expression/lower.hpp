// SPDX-License-Identifier: Apache-2.0
//
// The last stage of compiling: turns a checked tree into nodes to run. Parts without fields become constants, and a
// field against a constant becomes one special node. Also called by explain(), for each sub-expression.
#pragma once

#include "routing/expression/check.hpp"
#include "routing/expression/nodes.hpp"

namespace picket::routing::expression {

// `ast` has been checked. Uses, and resets, this thread's scratch space.
NodePointer lower(const Ast& ast, const Vocabulary& vocabulary);

}  // namespace picket::routing::expression
