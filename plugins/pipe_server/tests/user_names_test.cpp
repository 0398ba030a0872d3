// SPDX-License-Identifier: Apache-2.0
//
// Names of users: asked for elsewhere, once, and never waited for.
#include "user_names.hpp"

#include <atomic>
#include <future>

#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

class UserNamesTest : public RpcTest {
 protected:
  // Until the other thread has told the loop.
  bool hears(UserNames& names, const Peer& peer, const std::string& name) {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
         std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(std::chrono::milliseconds(1))) {  // poll
      loop_->run_ready();
      if (names.find(peer) == name) return true;
    }
    return false;
  }
  static constexpr Peer kMary{1000, 1000, 7};
};

TEST_F(UserNamesTest, a_name_that_takes_its_time_is_missing_until_then) {
  std::promise<void> answer;
  const std::shared_future<void> answered = answer.get_future().share();
  std::atomic<int> questions{0};
  UserNames names(*loop_, [&](const Peer& peer) {
    ++questions;
    answered.wait();
    return "user" + std::to_string(peer.uid);
  });
  EXPECT_EQ(names.find(kMary), "") << "and this test goes on";
  EXPECT_EQ(names.find(kMary), "");
  answer.set_value();
  EXPECT_TRUE(hears(names, kMary, "user1000"));
  EXPECT_EQ(questions, 1);
}

TEST_F(UserNamesTest, what_the_settings_say_is_not_asked_for) {
  UserNames names(*loop_, [](const Peer&) -> std::string {
    ADD_FAILURE() << "asked";
    return {};
  });
  names.know(1000, "mary");
  EXPECT_EQ(names.find(kMary), "mary");
  EXPECT_EQ(names.find(Peer{}), "") << "nobody knows who that is";
}

TEST_F(UserNamesTest, it_can_go_while_questions_are_open) {
  std::promise<void> answer;
  const std::shared_future<void> answered = answer.get_future().share();
  auto names = std::make_unique<UserNames>(*loop_, [&](const Peer&) {
    answered.wait();
    return std::string("late");
  });
  for (std::int64_t uid = 1; uid <= 10; ++uid) EXPECT_EQ(names->find({uid, uid, 1}), "");
  answer.set_value();
  names.reset();
  loop_->run_ready();
}

}  // namespace
}  // namespace picket::pipe_server
