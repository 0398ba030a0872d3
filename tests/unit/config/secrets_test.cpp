// SPDX-License-Identifier: Apache-2.0
//
// `!secret NAME`: from files that nobody else can read. Linux only: it sets file modes.
#include <sys/stat.h>

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Secrets : public ConfigTest {
 protected:
  Secrets() { input.defaults.secrets_dir = directory / "secrets"; }

  void secret(const std::string& name, std::string_view text, mode_t mode = 0600) {
    ASSERT_EQ(::chmod(write(name, text).c_str(), mode), 0);
  }

  std::string error(const std::string& inside) {
    settings_of(inside);
    const auto all = errors(last);
    return all.size() == 1 ? all.front() : "there are " + std::to_string(all.size()) + " errors";
  }
};

TEST_F(Secrets, are_text_without_their_last_line_break) {
  secret("secrets/p", "hun\nter2\n");
  EXPECT_EQ(settings_of("password: !secret p"), R"({"interval":5000000000,"password":"hun\nter2"})");
  secret("secrets/n", "12\r\n");
  EXPECT_EQ(settings_of("any: !secret n"), R"({"any":"12","interval":5000000000})");
  secret("secrets/cr", "x\r");
  EXPECT_EQ(settings_of("any: !secret cr"), R"({"any":"x\r","interval":5000000000})");
  secret("secrets/dollar", "${HOME}");
  EXPECT_EQ(settings_of("any: !secret dollar"), R"({"any":"${HOME}","interval":5000000000})");
}

TEST_F(Secrets, are_remembered_as_such) {
  secret("secrets/p", "hunter2");
  const Loaded loaded = load_text("instances: {m: {type: meter, any: {a/b: !secret p}, password: x}}\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const auto& meanings = loaded.model->instances.at("m").meanings;
  EXPECT_EQ(meanings.at("/any/a~1b"), Meaning::secret);
  EXPECT_EQ(meanings.at("/password"), Meaning::secret);
  EXPECT_EQ(meanings.at("/interval"), Meaning::duration);
}

TEST_F(Secrets, come_from_systemd_first) {
  environment["CREDENTIALS_DIRECTORY"] = (directory / "credentials").string();
  secret("credentials/p", "one", 0440);  // systemd's access list shows as group permission
  secret("secrets/p", "two");
  secret("secrets/q", "three");
  EXPECT_THAT(settings_of("any: !secret p"), HasSubstr("one"));
  EXPECT_THAT(settings_of("any: !secret q"), HasSubstr("three"));
}

TEST_F(Secrets, that_others_can_read_are_refused) {
  secret("secrets/group", "x", 0640);
  secret("secrets/world", "x", 0604);
  EXPECT_THAT(error("any: !secret group"), HasSubstr("can be read or written by others than its owner; run chmod 600"));
  EXPECT_THAT(error("any: !secret world"), HasSubstr("can be read or written by others"));
  environment["CREDENTIALS_DIRECTORY"] = (directory / "secrets").string();
  EXPECT_THAT(error("any: !secret world"), HasSubstr("can be read or written by others"));
}

TEST_F(Secrets, that_are_missing_or_no_text_are_refused_at_their_place) {
  EXPECT_THAT(error("any: !secret none"), HasSubstr("2:25: secret `none`: "));
  secret("secrets/big", std::string(65'537, 'x'));
  EXPECT_THAT(error("any: !secret big"), HasSubstr("is larger than 65536 bytes"));
  secret("secrets/binary", std::string("a\0b", 3));
  EXPECT_THAT(error("any: !secret binary"), HasSubstr("is not UTF-8 text"));
  ASSERT_EQ(::mkfifo((directory / "secrets" / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(error("any: !secret fifo"), HasSubstr("is not a regular file"));
  input.defaults.secrets_dir.clear();
  EXPECT_THAT(error("any: !secret none"), HasSubstr("there is no directory of secrets"));
}

TEST_F(Secrets, have_names_that_stay_in_their_directory) {
  secret("outside", "x");
  for (const char* name : {"../outside", "a/b", ".hidden", "'a\\b'", "c:x"}) {
    EXPECT_THAT(error(std::string("any: !secret ") + name), HasSubstr("the name of a secret")) << name;
  }
  EXPECT_THAT(error("any: !secret ''"), HasSubstr("`!secret` needs a name"));
}

TEST_F(Secrets, never_reach_a_message) {
  secret("secrets/p", "hunter2hunter2hunter2hunter2");
  settings_of("password: !secret p, count: !secret p, mode: !secret p, interval: !secret p, label: !secret p");
  EXPECT_GE(last.errors(), 5U) << last.render();
  EXPECT_THAT(last.render() + last.json(), Not(HasSubstr("hunter2")));
}

TEST_F(Secrets, are_not_for_the_daemon_itself) {
  EXPECT_THAT(errors(load_text("daemon:\n  state_dir: !secret p\n").diagnostics),
              ElementsAre("2:14: `!secret` can be used in instances only, not in `daemon`"));
}

TEST_F(Secrets, directory_can_be_set_in_the_file) {
  secret("elsewhere/p", "four");
  const Loaded loaded = load_text("daemon: {secrets_dir: elsewhere}\ninstances: {m: {type: meter, any: !secret p}}\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_THAT(loaded.model->instances.at("m").settings, HasSubstr("four"));
}

}  // namespace
}  // namespace picket::config
