// SPDX-License-Identifier: Apache-2.0
//
// Trials of the library itself and of what it says of itself.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/file_schema.hpp"
#include "config/plugin_settings.hpp"
#include "config/schema.hpp"
#include "plugin_check/exports.hpp"
#include "plugin_check/subject.hpp"
#include "plugin_host/catalog.hpp"
#include "routing/utf8.hpp"

namespace picket::plugin_check {
namespace {

constexpr std::uint64_t kMaxLibraryBytes = 1ULL << 30U;
constexpr std::size_t kShownSymbols = 5;

// Of a plugin that was handed over by its own function; ends the trial when there is none.
const picket_plugin_type& loaded_type(const TrialInput& input, Report& report) {
  report.at("loading the library");
  const auto type = load_type(input.file);
  if (!type) report.fail_and_leave(type.error().message);
  if (*type == nullptr) report.fail_and_leave(std::string(PICKET_PLUGIN_SYMBOL) + "() returned null");
  return **type;
}

void check_line(const char* member, const char* text, Report& report) {
  if (text == nullptr || *text == '\0') {
    report.fail(std::string("picket_plugin_type.") + member + " is empty; `picket plugins list` shows it");
    return;
  }
  const std::string_view line = text;
  if (!routing::is_valid_utf8(line)) report.fail(std::string("picket_plugin_type.") + member + " is no UTF-8");
  if (line.find('\n') != std::string_view::npos) {
    report.fail(std::string("picket_plugin_type.") + member + " has more than one line");
  }
}

}  // namespace

void try_symbols(const TrialInput& input, Report& report) {
  report.at("reading the file");
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(input.file, error);
  if (error) report.fail_and_leave("the file cannot be read: " + error.message());
  if (size > kMaxLibraryBytes) report.fail_and_leave("the file is larger than 1 GiB");
  std::ifstream in(input.file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const auto symbols = exported_symbols(bytes);
  if (!symbols) report.fail_and_leave("what it exports cannot be read: " + symbols.error().message);
  std::vector<std::string> others;
  for (const std::string& symbol : *symbols) {
    if (symbol != PICKET_PLUGIN_SYMBOL) others.push_back(symbol);
  }
  const bool entry = others.size() < symbols->size();
  // Those of C++ templates come in hundreds; a function that somebody forgot says more.
  std::stable_partition(others.begin(), others.end(),
                        [](const std::string& symbol) { return !symbol.starts_with("_Z"); });
  std::string shown;
  for (std::size_t i = 0; i < std::min(others.size(), kShownSymbols); ++i) shown += (i == 0 ? "" : ", ") + others[i];
  if (!entry) {
    report.fail(std::string("it does not export ") + PICKET_PLUGIN_SYMBOL +
                "; export the class with PICKET_PLUGIN, or in C a function of that name with PICKET_EXPORT");
  }
  if (!others.empty()) {
    report.fail("it exports " + std::to_string(others.size()) + " other symbols: " + shown +
                (others.size() > kShownSymbols ? ", ..." : "") +
                "; another library's may be taken for them. Build it with picket_add_plugin, or link it with a version "
                "script (Windows: a .def file) that lists picket_plugin_v1 alone");
  }
}

void try_load(const TrialInput& input, Report& report) {
  loaded_type(input, report);
}

void try_handshake(const TrialInput& input, Report& report) {
  const picket_plugin_type& theirs = loaded_type(input, report);
  report.at(std::string(PICKET_PLUGIN_SYMBOL) + "()");
  const auto again = load_type(input.file);
  if (!again || *again != &theirs) {
    report.fail(std::string(PICKET_PLUGIN_SYMBOL) + "() returned another table the second time; it must be static");
  }
  constexpr std::size_t needed = offsetof(picket_plugin_type, create) + sizeof(theirs.create);
  if (theirs.size < needed) {
    report.fail_and_leave("picket_plugin_type.size is " + std::to_string(theirs.size) + ", but what is needed takes " +
                          std::to_string(needed) + " bytes; set it to sizeof(picket_plugin_type)");
  }
  const auto type = plugin_host::shake_hands(&theirs, id_of_library(input.file));
  if (!type) report.fail_and_leave(type.error().message);
  if (id_of_library(input.file).empty()) {
    report.fail("the file is not called like a plugin, lib" + type->id + ".so (Windows: " + type->id + ".dll)");
  }
  if (theirs.reserved != 0) report.fail("picket_plugin_type.reserved is not 0");
  if ((theirs.flags & ~PICKET_PLUGIN_BLOCKS) != 0) report.fail("picket_plugin_type.flags has bits that mean nothing");
  check_line("version", theirs.version, report);
  check_line("summary", theirs.summary, report);
}

void try_schema(const TrialInput& input, Report& report) {
  const picket_plugin_type& type = loaded_type(input, report);
  report.at("reading config_schema");
  const auto example = config::schema_example(type.id, type.config_schema);
  if (!example) report.fail_and_leave("config_schema: " + example.error().message);
  const auto settings = usable_settings(type, input);
  if (!settings) report.fail(settings.error().message);
  const auto undescribed = config::undescribed_settings(type.config_schema);
  if (!undescribed || undescribed->empty()) return;
  std::string list;
  for (const std::string& pointer : *undescribed) list += (list.empty() ? "" : ", ") + pointer;
  report.note("settings without a `description` in config_schema: " + list);
}

}  // namespace picket::plugin_check
