// SPDX-License-Identifier: Apache-2.0
#include "service/recorder_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "commands/recorder.hpp"
#include "platform/clock.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::service {
namespace {

namespace fs = std::filesystem;
using RecordLine = nlohmann::json;
using testing::HasSubstr;

class RecorderFiles : public testing::Test {
 protected:
  RecorderFiles() {
    directory_ = fs::temp_directory_path() /
                 (std::string("picket_recorder_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
    recorder_.add_log(R"({"time":"t","level":"info","instance":"picket","message":"hello","fields":{}})");
    picket_batch* const batch = routing::batch_new(1, 1, 0);
    picket_batch_event(batch, names_.intern("metric"));
    picket_batch_int(batch, names_.intern("value"), 5);
    routing::Recorder::Entry(recorder_).add(routing::BatchRef::adopt(batch).get());
    routing::Decision decision;
    decision.kind = 1;
    recorder_.add(decision);
  }
  ~RecorderFiles() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) names.insert(entry.path().filename().string());
    return names;
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  static std::string content(const fs::path& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(directory_);
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  std::string show(const fs::path& path, const std::string& only = {}, int expected = 0) {
    std::ostringstream out;
    err_.str("");
    EXPECT_EQ(commands::show_record({path.string(), only}, out, err_), expected) << err_.str();
    return out.str();
  }
  std::string crash_record() {
    std::string bytes;
    write_crash_record(recorder_, names_, {},
                       {[](void* context, const void* data, std::size_t length) {
                          static_cast<std::string*>(context)->append(static_cast<const char*>(data), length);
                          return true;
                        },
                        &bytes});
    return bytes;
  }

  fs::path directory_;
  routing::Names names_;
  routing::Recorder recorder_{routing::Recorder::kLeastSize, platform::system_clock()};
  std::ostringstream err_;
};

TEST_F(RecorderFiles, one_line_for_each_record_after_the_reason) {
  const auto made = write_record_file(recorder_, names_, directory_, 5, "an alert", 1'700'000'000'123'000'000);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->events, 1U);
  EXPECT_EQ(made->lines, 3U);
  EXPECT_THAT(made->path, HasSubstr("record-20231114T221320.123Z-1.jsonl"));
  const auto lines = lines_of(content(made->path));
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(RecordLine::parse(lines[0])["reason"], "an alert");
  EXPECT_EQ(RecordLine::parse(lines[1])["message"], "hello");
  EXPECT_EQ(RecordLine::parse(lines[2])["value"], 5);
  EXPECT_EQ(RecordLine::parse(lines[3])["record"], "decision");
}

TEST_F(RecorderFiles, only_the_newest_are_kept_and_files_of_others_are_left_alone) {
  write("mine.jsonl", "{}");
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(write_record_file(recorder_, names_, directory_, 2, "x", i * platform::kSecond).ok());
  }
  const auto left = files();
  EXPECT_EQ(left.size(), 3U);
  EXPECT_TRUE(left.contains("mine.jsonl"));
}

TEST_F(RecorderFiles, two_in_the_same_moment_are_two_files) {
  ASSERT_TRUE(write_record_file(recorder_, names_, directory_, 5, "x", 0).ok());
  ASSERT_TRUE(write_record_file(recorder_, names_, directory_, 5, "x", 0).ok());
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(RecorderFiles, a_directory_that_cannot_be_made_is_an_error) {
  write("file", "");
  EXPECT_FALSE(write_record_file(recorder_, names_, directory_ / "file" / "below", 5, "x", 0).ok());
}

TEST_F(RecorderFiles, both_kinds_are_shown_alike) {
  const auto made = write_record_file(recorder_, names_, directory_, 5, "x", 0);
  ASSERT_TRUE(made.ok());
  const auto asked = lines_of(show(made->path));
  write("crash-1-2.pktrec", crash_record());
  const auto crashed = lines_of(show(directory_ / "crash-1-2.pktrec"));
  ASSERT_EQ(asked.size(), 4U);
  ASSERT_EQ(crashed.size(), 4U);
  EXPECT_EQ(RecordLine::parse(crashed[0])["reason"], "crash");
  EXPECT_TRUE(std::equal(asked.begin() + 1, asked.end(), crashed.begin() + 1));
  EXPECT_EQ(lines_of(show(made->path, "events")).size(), 1U);
  EXPECT_EQ(lines_of(show(made->path, "log")).size(), 1U);
  EXPECT_EQ(lines_of(show(directory_ / "crash-1-2.pktrec", "decisions")).size(), 1U);
}

TEST_F(RecorderFiles, what_is_missing_is_said) {
  const std::string whole = crash_record();
  write("crash-1-2.pktrec", whole.substr(0, whole.size() - 5));
  EXPECT_EQ(lines_of(show(directory_ / "crash-1-2.pktrec", "", 1)).size(), 4U);
  EXPECT_THAT(err_.str(), HasSubstr("the file is cut"));
  write("other", "nothing of ours");
  show(directory_ / "other", "", 69);
  EXPECT_THAT(err_.str(), HasSubstr("this is no record of a crash"));
  show(directory_ / "none", "", 69);
}

}  // namespace
}  // namespace picket::service
