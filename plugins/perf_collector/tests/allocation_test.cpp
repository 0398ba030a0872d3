// SPDX-License-Identifier: Apache-2.0
//
// A steady tick allocates nothing: this program counts every use of the heap through operator new. Linux only, since it
// reads a captured /proc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "groups.hpp"
#include "support.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}
// Inlined, they would show GCC a free() of what a new returned, and it would warn.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

namespace picket::perf_collector {
namespace {

struct Allocations : ::testing::Test {
  test::FixtureProc proc;
  test::World world;
  test::Folder sys;
  std::int64_t now = 0;

  Allocations() {
    sys.write("class/hwmon/hwmon0/name", "coretemp\n");
    sys.write("class/hwmon/hwmon0/temp1_input", "47500\n");
  }
  Machine machine(std::size_t kept_process_files = 256) const {
    Machine machine = proc.machine(kept_process_files);
    machine.sys = sys.path();
    return machine;
  }

  Settings settings(bool each) const {
    Settings all;
    all.cpu = {1, {.per_core = true}};
    all.load = {1, {}};
    all.memory = {1, {}};
    all.paging = {1, {}};
    all.disks = {1, {}};
    all.filesystems = {1, {{}, {{}, default_excluded_types()}}};
    all.network = {1, {}};
    all.pressure = {1, {}};
    all.kernel = {1, {}};
    all.hwmon = {1, {}};
    ProcessesSettings processes;
    processes.match = {{"web", "nginx", "", "", ""},
                       {"odd", "", "*--flag*", "", ""},
                       {"user", "", "", "33", ""},
                       {"file", "", "", "", proc.path("web.pid")}};
    for (MatchSettings& match : processes.match) match.each = each;
    for (MatchSettings& match : processes.match)
      match.details = kFreeDetails | detail_bit(kDetailIo) | detail_bit(kDetailShared);
    processes.top = 5;
    processes.top_details = detail_bit(kDetailIo);
    processes.by = TopBy::memory;
    all.processes = {1, processes};
    return all;
  }

  std::size_t of_a_tick(Groups& groups) {
    ++now;
    const std::size_t before = allocations;
    world.samples.begin(now);
    groups.collect_due(now, now * 1'000'000'000, world.samples);
    groups.tell_fault_changes([](bool, const std::string&) {});
    return allocations - before;
  }
};

TEST_F(Allocations, are_counted_at_all) {
  Groups groups(settings(false), machine(), world.vocabulary);
  EXPECT_GT(of_a_tick(groups), 0U);  // the first tick makes the buffers
}

TEST_F(Allocations, a_steady_tick_of_all_groups_has_none) {
  proc.write("web.pid", "101\n");
  for (const char* pid : {"1", "100", "101"}) {
    proc.write(std::string(pid) + "/io", "syscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n");
    proc.write(std::string(pid) + "/statm", "100 20 7 1 0 9 0\n");
  }
  for (const bool each : {false, true}) {
    Groups groups(settings(each), machine(), world.vocabulary);
    for (int i = 0; i < 3; ++i) of_a_tick(groups);
    EXPECT_EQ(of_a_tick(groups), 0U);
    proc.replace("stat", "cpu  3", "cpu  5");
    of_a_tick(groups);  // has shares for the first time, so more rows
    proc.replace("stat", "cpu  5", "cpu  4");
    EXPECT_EQ(of_a_tick(groups), 0U);
    EXPECT_GT(world.samples.event_count(), 250U);
    EXPECT_EQ(groups.fault_message(), "");
    proc.replace("stat", "cpu  4", "cpu  3");
  }
}

TEST_F(Allocations, a_tick_without_kept_files_has_none_either) {
  Groups groups(settings(false), machine(0), world.vocabulary);
  for (int i = 0; i < 3; ++i) of_a_tick(groups);
  EXPECT_EQ(of_a_tick(groups), 0U);
}

TEST_F(Allocations, a_process_that_ends_costs_none) {
  Groups groups(settings(false), machine(), world.vocabulary);
  for (int i = 0; i < 3; ++i) of_a_tick(groups);
  proc.remove("102");
  EXPECT_EQ(of_a_tick(groups), 0U);
}

}  // namespace
}  // namespace picket::perf_collector
