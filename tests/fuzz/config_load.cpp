// SPDX-License-Identifier: Apache-2.0
//
// Any text -> load(). What is accepted prints as text that is accepted again and says the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "config/loader.hpp"
#include "config/model_diff.hpp"
#include "config/print.hpp"

namespace {

using picket::config::LoadInput;

class OnePlugin : public picket::config::PluginSchemas {
 public:
  picket::Result<std::string> find(std::string_view type) const override {
    if (type != "p") return picket::Error{"there is none", PICKET_NOT_FOUND};
    return std::string(
        R"json({"definitions": {"d": {"type": "string", "format": "duration", "forever": true, "maximum": "1y"}},
      "properties": {
        "every": {"$ref": "#/definitions/d"}, "size": {"type": "string", "format": "bytes"}, "any": {},
        "nested": {"type": "object", "default": {}, "properties": {"on": {"type": "boolean", "default": true}}},
        "to": {"anyOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"type": "array", "items": {"$ref": "#/definitions/d"}},
                         {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "x"}, "n": {"type": "number"}}}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}}})json");
  }
  std::vector<std::string> types() const override { return {"p"}; }
};

LoadInput make_input(const OnePlugin& plugin) {
  LoadInput input;
  input.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "1";
    if (name == "B") return "text: [x]";
    return std::nullopt;
  };
  input.plugins = &plugin;
  input.check_filter = [](std::string_view text) -> std::optional<picket::config::FilterError> {
    const auto at = text.find('!');
    if (at == std::string_view::npos) return std::nullopt;
    return picket::config::FilterError{"no `!` here", at};
  };
  input.defaults.state_dir = "state";
  return input;
}

void require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const OnePlugin plugin;
  const LoadInput input = make_input(plugin);
  const std::string text(data, data + size);
  const auto first = load_texts({{"fuzz.yaml", text}}, input);
  const std::string rendered = first.diagnostics.render();
  require(first.model.has_value() != first.diagnostics.has_errors(), "a model or an error, never both", rendered);
  if (!first.model) {
    require(!rendered.empty() && !first.diagnostics.json().empty(), "an error without words", text);
    return 0;
  }
  const std::string printed = print_yaml(*first.model);
  const auto second = load_texts({{"printed.yaml", printed}}, input);
  require(second.model.has_value(), "what was printed is not accepted", printed + second.diagnostics.render());
  require(diff(*first.model, *second.model).empty(), "what was printed says something else", printed);
  return 0;
}
