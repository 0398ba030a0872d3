// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/dead_letters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "platform/asio_executor.hpp"
#include "routing/spool/folders.hpp"
#include "routing/spool/host.hpp"
#include "spool_fixture.hpp"

namespace picket::routing::spool {
namespace {

// The names end with the daemon; a thread that still writes letters then would read what is gone.
TEST(DeadLettersTest, all_are_in_their_file_when_the_host_has_finished) {
  constexpr int kLetters = 1000;
  const OwnFolder folder;
  const auto executor = std::make_shared<platform::AsioExecutor>("core", 1);
  auto names = std::make_unique<Names>();
  const auto host = std::make_shared<SpoolHost>(folder.path(), executor, *names, nullptr);
  std::atomic<int> told{0};
  const auto letters = host->dead_letters();
  for (int i = 0; i < kLetters; ++i) {
    letters->add({"trouble", "siem", rich_batch(*names, i, 1), {}, 1, {}, PICKET_REFUSED}, [&told] { ++told; });
  }
  executor->stop();
  host->finish();
  names.reset();

  EXPECT_EQ(told, kLetters);
  EXPECT_EQ(letters->written(), kLetters) << letters->failure();
  EXPECT_EQ(letters->lost(), 0U);
  const std::string lines = read_all(destination_folder(folder.path() / kDeadFolder, "trouble", "siem") / kLettersFile);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), kLetters);
}

}  // namespace
}  // namespace picket::routing::spool
