// SPDX-License-Identifier: Apache-2.0
//
// packaging/systemd/picket.catalog, read by the rules of `journalctl --update-catalog` (systemd's catalog.c), which
// drops a file with one mistake as a whole: it must be right, and explain every kind of record that we write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "service/os_log.hpp"

namespace picket::service {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

std::string text_of_file(const char* path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct CatalogEntry {
  std::map<std::string, std::string> header;
  std::string body;
};

// Comments begin with #; `-- ID` begins an entry; its header ends with an empty line, its body with the next entry.
std::map<std::string, CatalogEntry> read_catalog() {
  std::map<std::string, CatalogEntry> entries;
  CatalogEntry* entry = nullptr;
  bool in_header = false;
  std::istringstream lines(text_of_file(PICKET_JOURNAL_CATALOG));
  const std::regex begin("-- ([0-9a-f]{32})( [a-zA-Z_]{1,31})?");
  const std::regex header("([A-Z][A-Za-z-]*): (.+)");
  std::smatch parts;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(line.find_last_not_of(" \t\r"), line.empty() ? std::string::npos : line.size() - 1) << "blanks: " << line;
    if (line.starts_with('#')) continue;
    if (line.starts_with("--")) {
      EXPECT_TRUE(std::regex_match(line, parts, begin)) << line;
      const auto [found, is_new] = entries.try_emplace(parts[1]);
      EXPECT_TRUE(is_new) << "twice: " << line;
      entry = &found->second;
      in_header = true;
    } else if (entry == nullptr) {
      EXPECT_EQ(line, "") << "text before the first entry";
    } else if (in_header && line.empty()) {
      in_header = false;
    } else if (in_header) {
      EXPECT_TRUE(std::regex_match(line, parts, header)) << line;
      entry->header[parts[1]] = parts[2];
    } else {
      entry->body += line + "\n";
    }
  }
  return entries;
}

TEST(JournalCatalog, every_entry_has_a_subject_who_defined_it_and_a_text) {
  const auto entries = read_catalog();
  EXPECT_FALSE(entries.empty());
  for (const auto& [id, entry] : entries) {
    EXPECT_THAT(entry.header, Contains(Key("Subject"))) << id;
    EXPECT_THAT(entry.header, Contains(Key("Defined-By"))) << id;
    EXPECT_NE(entry.body.find_first_not_of('\n'), std::string::npos) << id;
  }
}

TEST(JournalCatalog, what_it_quotes_are_fields_that_our_records_can_have) {
  for (const auto& [id, entry] : read_catalog()) {
    std::string rest = entry.body;
    const std::regex quoted("@PICKET_[A-Z0-9_]+@");
    rest = std::regex_replace(rest, quoted, "");
    EXPECT_THAT(rest, Not(HasSubstr("@"))) << id << ": journalctl shows it as it is";
  }
}

TEST(JournalCatalog, explains_every_kind_of_record) {
  const auto entries = read_catalog();
  for (const OsLogKind& kind : {kOsLogStarted, kOsLogStopped, kOsLogConfigurationApplied, kOsLogConfigurationRefused}) {
    EXPECT_THAT(entries, Contains(Key(std::string(kind.message_id))));
  }
  // Those of the pipe server's audit trail, as its source has them.
  const std::string source = text_of_file(PICKET_AUDIT_SOURCE);
  const std::regex id("OsLogKind k[A-Za-z]+\\{\"([0-9a-f]{32})\"");
  std::size_t found = 0;
  for (std::sregex_iterator it(source.begin(), source.end(), id), end; it != end; ++it, ++found) {
    EXPECT_THAT(entries, Contains(Key((*it)[1].str())));
  }
  EXPECT_EQ(found, 2U);
}

}  // namespace
}  // namespace picket::service
