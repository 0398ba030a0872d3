// SPDX-License-Identifier: Apache-2.0
//
// The argument of a command as a template: JSON whose texts hold expressions in braces, in the language of alert
// messages (../steps/message_template.hpp). Compiled when routes are applied, then immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "picket/result.hpp"
#include "routing/expression/expression.hpp"

namespace picket::routing {

class CallTemplate {
 public:
  // `args`: the JSON text of an object. Keys are taken as they are; numbers, booleans and nulls too.
  static Result<CallTemplate> compile(std::string_view args, Names& names);

  // The argument for `event` as JSON. A text that is nothing but `{expression}` becomes the value with its type (what
  // is missing: null); any other text is filled in, where null reads "(none)". Bytes that are no UTF-8 become U+FFFD.
  std::string render(const picket_batch& batch, const picket_event& event) const;

 private:
  struct Node;
  explicit CallTemplate(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_;
};

}  // namespace picket::routing
