// SPDX-License-Identifier: Apache-2.0
#include "process/wire.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace picket::process {
namespace {

// Over the stream and back, in two pieces.
template <typename Value>
Value there_and_back(const Value& value) {
  std::string bytes;
  encode(Report(value), 0, bytes);
  FrameCutter cutter;
  cutter.append(std::string_view(bytes).substr(0, 5));
  EXPECT_FALSE(cutter.next());
  cutter.append(std::string_view(bytes).substr(5));
  const auto frame = cutter.next();
  if (!frame) throw std::runtime_error("no frame");
  const auto report = decode_report(frame->header.kind, frame->payload);
  if (!report) throw std::runtime_error("no report");
  EXPECT_FALSE(cutter.next());
  return std::get<Value>(*report);
}

TEST(ProcessWire, a_start_comes_back_whole) {
  Start start;
  start.id = 7;
  start.instance = "programs";
  start.key = "web";
  start.blob = std::string("\0\1\2", 3);
  start.flags = 3;
  start.arguments = {"/usr/bin/web", "", "-v"};
  start.environment = {"A=1"};
  start.directory = "/srv";
  start.uid = 1000;
  start.groups = {1, 2, 4'000'000'000U};
  start.umask = 0027;
  start.rlimits = {{"nofile", 10, UINT64_MAX}};
  start.socket_names = {"http"};
  start.tuning.cpus = {0, 3};
  start.tuning.nice = -5;
  start.limits.memory_max = 1LL << 40U;
  start.output.file = "/var/log/web";
  start.error_output.flags = 4;
  std::string bytes;
  encode(Order(start), 1, bytes);
  const auto header = decode_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->descriptors, 1);
  EXPECT_EQ(header->length, bytes.size() - kFrameHeader);
  const auto order = decode_order(header->kind, std::string_view(bytes).substr(kFrameHeader));
  ASSERT_TRUE(order);
  const auto& read = std::get<Start>(*order);
  EXPECT_EQ(read.id, 7U);
  EXPECT_EQ(read.blob, start.blob);
  EXPECT_EQ(read.arguments, start.arguments);
  EXPECT_EQ(read.uid, 1000);
  EXPECT_EQ(read.gid, -1);
  EXPECT_EQ(read.groups, start.groups);
  EXPECT_EQ(read.umask, 0027);
  EXPECT_EQ(read.rlimits.at(0).hard, UINT64_MAX);
  EXPECT_EQ(read.socket_names, start.socket_names);
  EXPECT_EQ(read.tuning.nice, -5);
  EXPECT_EQ(read.tuning.cpus, start.tuning.cpus);
  EXPECT_EQ(read.limits, start.limits);
  EXPECT_EQ(read.output.file, "/var/log/web");
  EXPECT_EQ(read.error_output.flags, 4U);
}

TEST(ProcessWire, reports_come_back_whole) {
  Found found;
  found.id = 3;
  found.key = "web";
  found.leader = {42, 4711, {1, 2, 3}};
  found.acknowledged = {5, 6};
  found.output.rotate_keep = 9;
  const Found read = there_and_back(found);
  EXPECT_EQ(read.leader, found.leader);
  EXPECT_EQ(read.acknowledged, found.acknowledged);
  EXPECT_EQ(read.output.rotate_keep, 9U);
  Stragglers stragglers{3, 70, {{1, "a"}, {2, "b c"}}};
  EXPECT_EQ(there_and_back(stragglers).members.at(1).name, "b c");
  Exited exited;
  exited.user_ns = -1;
  exited.value = 9;
  EXPECT_EQ(there_and_back(exited).user_ns, -1);
}

TEST(ProcessWire, output_is_the_same_with_and_without_a_copy) {
  Output output;
  output.id = 9;
  output.offset = 1'000;
  output.data = "some bytes";
  std::string with_copy, without;
  encode(Report(output), 0, with_copy);
  output.data.clear();
  encode_output(output, "some bytes", without);
  EXPECT_EQ(with_copy, without);
}

TEST(ProcessWire, a_shorter_payload_keeps_defaults_and_a_longer_one_is_read_as_far_as_known) {
  std::string bytes;
  encode(Report(Welcome{1, {5, 6, {}}, 7, "risk", 8}), 0, bytes);
  const std::uint8_t kind = decode_header(bytes)->kind;
  const std::string payload = bytes.substr(kFrameHeader);
  // Without `next_id`, as an older side would.
  const auto shorter = decode_report(kind, std::string_view(payload).substr(0, payload.size() - 8));
  ASSERT_TRUE(shorter);
  EXPECT_EQ(std::get<Welcome>(*shorter).next_id, 1U);
  EXPECT_EQ(std::get<Welcome>(*shorter).risk, "risk");
  const auto longer = decode_report(kind, payload + "what is new");
  ASSERT_TRUE(longer);
  EXPECT_EQ(std::get<Welcome>(*longer).next_id, 8U);
}

TEST(ProcessWire, nonsense_is_refused) {
  EXPECT_FALSE(decode_report(200, ""));
  // A text that is longer than what is there; a list of four thousand million.
  EXPECT_FALSE(decode_order(1, std::string("\xff\xff\xff\xff", 4)));
  std::string start;
  encode(Order(Start{}), 0, start);
  for (std::size_t at = kFrameHeader; at + 4 <= start.size(); ++at) {
    std::string damaged = start.substr(kFrameHeader);
    damaged.replace(at - kFrameHeader, 4, "\xff\xff\xff\xff");
    static_cast<void>(decode_order(decode_header(start)->kind, damaged));  // whatever it says, it ends
  }
  FrameCutter cutter;
  cutter.append("\xff\xff\xff\xff\x01\x01\x01\x01");
  EXPECT_FALSE(cutter.next());
  EXPECT_TRUE(cutter.broken());
}

}  // namespace
}  // namespace picket::process
