// SPDX-License-Identifier: Apache-2.0
//
// Evaluating allocates nothing once a thread is warm. A program of its own, because it counts every operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "test_batch.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// Inlined, they would show GCC a free() of what a new returned, and it would warn.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace picket::routing {
namespace {

constexpr std::string_view kEverything =
    R"(kind == "log" and severity >= info and count > 1.5 and count in [1, 7] and message like "*disk*full*"
       and message matches "f[a-z]+l \\d+" and (exists missing or count * 2 % 5 / 2 < 3)
       and length(concat(upper(message), lower(message), text(count), replace(message, "d", "D"))) > 3)";

TEST(ExpressionAllocation, the_counter_counts) {
  const std::size_t before = allocations;
  EXPECT_NE(std::make_unique<int>(1), nullptr);
  EXPECT_GT(allocations, before);
}

TEST(ExpressionAllocation, a_warm_filter_allocates_nothing) {
  Names names;
  TestBatch batch(names);
  for (int index = 0; index < 8; ++index) {
    batch.event("log", "", PICKET_SEVERITY_WARNING).integer("count", 7).text("message", "the disk is full 12");
  }
  const Filter filter = Filter::compile(kEverything, names).value();
  std::array<std::uint32_t, 8> selection;
  ASSERT_EQ(filter.select(batch.raw(), selection.data()), 8U) << "the expression has to be evaluated to its end";
  const std::size_t before = allocations;
  for (int round = 0; round < 100; ++round) filter.select(batch.raw(), selection.data());
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace picket::routing
