// SPDX-License-Identifier: Apache-2.0
#include "openmetrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace picket::pipe_server {
namespace {

// The escapes of a label's value; those of HELP are the same (OpenMetrics 1.0, "escaped-string").
std::string page_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '"') {
      out += "\\\"";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

const char* page_type(MetricRow::Type type) {
  switch (type) {
    case MetricRow::Type::counter:
      return "counter";
    case MetricRow::Type::gauge:
      return "gauge";
    case MetricRow::Type::summary:
      return "summary";
  }
  return "unknown";
}

std::string labels_text(const MetricRow& row) {
  if (row.attributes.empty()) return "";
  std::string out;
  std::map<std::string, int> seen;
  for (const auto& [key, value] : row.attributes) {
    std::string label = openmetrics_name(key);
    for (char& c : label) {
      if (c == ':') c = '_';  // allowed in names of metrics only
    }
    // Two keys that became one label would be an error of the page.
    if (const int before = seen[label]++; before > 0) label += "_" + std::to_string(before + 1);
    out += (out.empty() ? "{" : ",") + label + "=\"" + page_escaped(value) + "\"";
  }
  return out + "}";
}

struct PageFamily {
  MetricRow::Type type = MetricRow::Type::gauge;
  std::string unit, help, samples;
};

}  // namespace

std::string openmetrics_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out += '_';
    out += letter || digit ? c : '_';
  }
  return out.empty() ? "_" : out;
}

std::string openmetrics_unit(std::string_view ucum) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kUnits{{{"s", "seconds"},
                                                                                 {"ms", "milliseconds"},
                                                                                 {"us", "microseconds"},
                                                                                 {"ns", "nanoseconds"},
                                                                                 {"By", "bytes"},
                                                                                 {"Cel", "celsius"},
                                                                                 {"Hz", "hertz"},
                                                                                 {"W", "watts"}}};
  for (const auto& [from, to] : kUnits) {
    if (from == ucum) return std::string(to);
  }
  return "";
}

std::string openmetrics_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

std::string openmetrics_page(const std::vector<MetricRow>& rows) {
  std::map<std::string, PageFamily> families;
  for (const MetricRow& row : rows) {
    std::string name = openmetrics_name(row.name);
    const auto drop_suffix = [&name](std::string_view suffix) {
      if (name.size() > suffix.size() && name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    };
    // The format gives these endings to the samples of a family.
    drop_suffix("_total");
    const std::string unit = openmetrics_unit(row.unit);
    if (!unit.empty() && !name.ends_with("_" + unit)) name += "_" + unit;
    if (const auto other = families.find(name); other != families.end() && other->second.type != row.type) {
      name += std::string("_") + page_type(row.type);
      if (!unit.empty()) name += "_" + unit;
    }
    PageFamily& family = families[name];
    if (family.samples.empty()) {
      family.type = row.type;
      family.unit = unit;
      family.help = row.help;
    }
    const std::string labels = labels_text(row);
    switch (row.type) {
      case MetricRow::Type::counter:
        family.samples += name + "_total" + labels + " " + openmetrics_number(row.value) + "\n";
        break;
      case MetricRow::Type::gauge:
        family.samples += name + labels + " " + openmetrics_number(row.value) + "\n";
        break;
      case MetricRow::Type::summary:
        family.samples += name + "_count" + labels + " " + std::to_string(row.count) + "\n" + name + "_sum" + labels +
                          " " + openmetrics_number(row.value) + "\n";
        break;
    }
  }
  std::string page;
  for (const auto& [name, family] : families) {
    page += "# TYPE " + name + " " + page_type(family.type) + "\n";
    if (!family.unit.empty()) page += "# UNIT " + name + " " + family.unit + "\n";
    if (!family.help.empty()) page += "# HELP " + name + " " + page_escaped(family.help) + "\n";
    page += family.samples;
  }
  return page + "# EOF\n";
}

}  // namespace picket::pipe_server
