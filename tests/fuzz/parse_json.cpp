// SPDX-License-Identifier: Apache-2.0
//
// Any text as JSON: it is read if, and only if, another parser takes it too, but for what is over a limit.
#include "parse_run.hpp"

namespace {

using nlohmann::json;

// Only listens to why a text is refused.
struct Verdict final : json::json_sax_t {
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*count*/) override {
    is_object = is_object || depth == 0;
    ++depth;
    return true;
  }
  bool key(string_t& /*value*/) override { return true; }
  bool end_object() override {
    --depth;
    return true;
  }
  bool start_array(std::size_t /*count*/) override {
    ++depth;
    return true;
  }
  bool end_array() override {
    --depth;
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception& error) override {
    constexpr int kOutOfRange = 406;  // a number that no double holds: valid JSON, and this parser's limit
    out_of_range = error.id == kOutOfRange;
    return false;
  }
  std::size_t depth = 0;
  bool is_object = false;
  bool out_of_range = false;
};

bool is_limit(std::string_view reason) {
  return reason == "nested deeper than max_depth" || reason == "more fields than max_fields" ||
         reason == "a key of more than 255 bytes" || reason == "a key without characters";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static picket::fuzz::ParseRun run(R"({"format": "json"})");
  const std::string_view text = picket::fuzz::text_of(data, size);
  run.process(text);
  const auto* const reading = run.read(text);
  // A zero byte is the end for the other parser.
  if (text.find('\0') != std::string_view::npos) return 0;
  Verdict verdict;
  const bool accepted = json::sax_parse(text, &verdict) && verdict.is_object;
  if (verdict.out_of_range) return 0;
  if (reading == nullptr) {
    picket::fuzz::require(!accepted || is_limit(run.reason()));
    return 0;
  }
  picket::fuzz::require(accepted);
  for (const auto& found : reading->fields()) {
    if (found.json) picket::fuzz::require(json::accept(found.value.as_text()));
  }
  return 0;
}
