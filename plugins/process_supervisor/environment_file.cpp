// SPDX-License-Identifier: Apache-2.0
#include "environment_file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace picket::process_supervisor {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string_view::npos;
}

// What stands behind the equals sign; false: a quote that is not closed, or text behind it.
bool unquote(std::string_view text, std::string& value) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) {
    value = text;
    return true;
  }
  const char quote = text[0];
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == quote) return trimmed(text.substr(at + 1)).empty();
    if (quote == '"' && text[at] == '\\' && at + 1 < text.size()) {
      const char escaped = text[++at];
      if (escaped == 'n') {
        value += '\n';
      } else {
        if (escaped != '\\' && escaped != '"' && escaped != '$' && escaped != '`') value += '\\';
        value += escaped;
      }
    } else {
      value += text[at];
    }
  }
  return false;
}

}  // namespace

Result<Environment> parse_environment(std::string_view content, const std::string& name) {
  Environment variables;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    const std::string_view line = trimmed(content.substr(0, end));
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const auto wrong = [&](const std::string& what) {
      return Error{name + ":" + std::to_string(number) + ": " + what, PICKET_INVALID};
    };
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return wrong("a line must be NAME=VALUE");
    std::string_view variable = trimmed(line.substr(0, equals));
    if (variable.starts_with("export ")) variable = trimmed(variable.substr(7));
    if (!is_variable_name(variable)) return wrong("\"" + std::string(variable) + "\" is no name of a variable");
    std::string value;
    if (!unquote(trimmed(line.substr(equals + 1)), value)) return wrong("a quote is not closed, or text follows it");
    if (value.find('\0') != std::string::npos) return wrong("a value cannot have a zero byte");
    variables.insert_or_assign(std::string(variable), std::move(value));
  }
  return variables;
}

namespace {

// With the name of the error, as the other steps of a start have it.
std::string reason_of(const std::error_code& error) {
  struct Named {
    std::errc code;
    const char* name;
  };
  constexpr Named kNames[] = {{std::errc::permission_denied, "EACCES"},
                              {std::errc::operation_not_permitted, "EPERM"},
                              {std::errc::too_many_symbolic_link_levels, "ELOOP"},
                              {std::errc::filename_too_long, "ENAMETOOLONG"},
                              {std::errc::too_many_files_open, "EMFILE"},
                              {std::errc::io_error, "EIO"}};
  for (const Named& one : kNames) {
    if (error == one.code) return error.message() + " (" + one.name + ")";
  }
  return error.message();
}

}  // namespace

Result<Environment> read_environment_file(const std::string& path) {
  const auto refused = [&](const std::string& why) { return Error{path + ": " + why, PICKET_FAILED}; };
  const std::filesystem::path file(std::u8string(path.begin(), path.end()));
  std::error_code error;
  // A pipe or a device would hold up everything else.
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{path + ": the environment file does not exist (ENOENT)", PICKET_NOT_FOUND};
  }
  if (error) return refused("cannot read the environment file: " + reason_of(error));
  if (!std::filesystem::is_regular_file(status)) return refused("the environment file is no regular file");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.string().c_str(), "rb"), std::fclose);
  if (!opened) {
    return refused("cannot read the environment file: " + reason_of({errno, std::generic_category()}));
  }
  std::string content(kMostBytes + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), opened.get()));
  if (std::ferror(opened.get()) != 0) return refused("cannot read the environment file to its end");
  if (content.size() > kMostBytes) return refused("the environment file is larger than 1 MiB");
  return parse_environment(content, path);
}

}  // namespace picket::process_supervisor
