// SPDX-License-Identifier: Apache-2.0
#include "process/record_linux.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "temporary_folder.hpp"

namespace picket::process {
namespace {

Found program_of(ProgramId id) {
  Found program;
  program.id = id;
  program.instance = "programs";
  program.key = "web";
  program.blob = "hash";
  program.leader = {42, 4711, {1, 2}};
  return program;
}

TEST(ProcessRecord, is_read_as_it_was_written_with_what_came_later) {
  const TemporaryFolder folder;
  const int file = create_record(folder.path(), program_of(5));
  ASSERT_GE(file, 0);
  close(file);
  Exited exit;
  exit.id = 5;
  exit.value = 3;
  EXPECT_EQ(append_record(folder.path(), 5, Report(exit)), 0);
  std::vector<std::string> damaged;
  const auto records = read_records(folder.path(), damaged);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].program.key, "web");
  EXPECT_EQ(records[0].program.leader.pid, 42);
  EXPECT_EQ(records[0].program.leader.start_time, 4711U);
  ASSERT_TRUE(records[0].exit);
  EXPECT_EQ(records[0].exit->value, 3);
  EXPECT_FALSE(records[0].end);
  EXPECT_TRUE(damaged.empty());
}

TEST(ProcessRecord, the_pid_that_the_child_wrote_wins) {
  std::string bytes = encode_record(program_of(5));
  bytes.replace(kRecordPidOffset, 8, std::string("\x07\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(decode_record(bytes)->program.leader.pid, 7);
}

TEST(ProcessRecord, can_be_described_anew) {
  const TemporaryFolder folder;
  close(create_record(folder.path(), program_of(5)));
  Found changed = program_of(5);
  changed.blob = "another";
  Emptied end;
  end.killed = 2;
  EXPECT_EQ(rewrite_record(folder.path(), {changed, std::nullopt, end}), 0);
  std::vector<std::string> damaged;
  const auto records = read_records(folder.path(), damaged);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].program.blob, "another");
  EXPECT_EQ(records[0].end->killed, 2U);
}

TEST(ProcessRecord, a_cut_off_end_is_left_out_and_what_is_no_record_is_removed) {
  std::string bytes = encode_record(program_of(5));
  EXPECT_TRUE(decode_record(bytes + "\x05\0\0"));
  EXPECT_FALSE(decode_record(bytes.substr(0, 30)));
  EXPECT_FALSE(decode_record("PKPROC2\n"));
  const TemporaryFolder folder;
  write_content(folder.file("9.program"), "nonsense");
  write_content(folder.file("8.program"), bytes);  // the record of another id
  std::vector<std::string> damaged;
  EXPECT_TRUE(read_records(folder.path(), damaged).empty());
  EXPECT_EQ(damaged.size(), 2U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace picket::process
