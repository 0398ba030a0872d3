// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "rehearsal/report.hpp"
#include "service/xml.hpp"

namespace picket::rehearsal {
namespace {

using service::xml_text;

std::string seconds_text(std::int64_t nanoseconds) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3f", static_cast<double>(nanoseconds) / 1e9);
  return buffer.data();
}

// The text below a failure: as on a terminal, line breaks kept.
std::string failure_text(const Timed& timed) {
  std::ostringstream text;
  print_result(timed, {}, text);
  std::string escaped;
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);) escaped += xml_text(line) + "\n";
  return escaped;
}

}  // namespace

std::string junit(const std::vector<Timed>& all) {
  std::int64_t took = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  for (const Timed& timed : all) {
    took += timed.took_ns;
    errors += timed.result.error.empty() ? 0 : 1;
    failures += timed.result.error.empty() && !timed.result.passed() ? 1 : 0;
  }
  const std::string counts = " tests=\"" + std::to_string(all.size()) + "\" failures=\"" + std::to_string(failures) +
                             "\" errors=\"" + std::to_string(errors) + "\" time=\"" + seconds_text(took) + "\"";
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"picket test\"" + counts + ">\n" +
                    "  <testsuite name=\"picket test\" skipped=\"0\"" + counts + ">\n";
  for (const Timed& timed : all) {
    const TestResult& result = timed.result;
    xml += "    <testcase classname=\"" + xml_text(result.where.file) + "\" name=\"" + xml_text(result.name) +
           "\" file=\"" + xml_text(result.where.file) + "\" line=\"" + std::to_string(result.where.line) +
           "\" time=\"" + seconds_text(timed.took_ns) + "\"";
    if (result.passed()) {
      xml += "/>\n";
      continue;
    }
    const bool error = !result.error.empty();
    const std::string& message = error ? result.error : result.failures.front().message;
    const char* const tag = error ? "error" : "failure";
    xml += std::string(">\n      <") + tag + " type=\"expectation\" message=\"" + xml_text(message) + "\">" +
           failure_text(timed) + "</" + tag + ">\n    </testcase>\n";
  }
  return xml + "  </testsuite>\n</testsuites>\n";
}

}  // namespace picket::rehearsal
