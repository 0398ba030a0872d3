// SPDX-License-Identifier: Apache-2.0
//
// The names of clients' users, for people to read: in the audit trail, in `whoami`. Rights go by numbers and need none.
// A directory service may take seconds to tell a name, so the loop never waits for one: a thread of this object asks,
// and until it knows there is no name.
//
// All on the loop's thread. The destructor waits for the question that is under way.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "loop.hpp"
#include "peer.hpp"

namespace picket::pipe_server {

class UserNames {
 public:
  static constexpr std::size_t kMost = 1'024;    // users; after so many all are asked for anew
  static constexpr std::size_t kMostAsked = 64;  // at once; who comes then has no name this time
  using Ask = std::function<std::string(const Peer& peer)>;

  // `ask` is called on the thread; it must be the system's, but in tests.
  explicit UserNames(Loop& loop, Ask ask = user_name) : loop_(loop), ask_(std::move(ask)) {}
  ~UserNames();
  UserNames(const UserNames&) = delete;
  UserNames& operator=(const UserNames&) = delete;

  // What the settings say already.
  void know(std::int64_t uid, std::string name) { names_[uid] = std::move(name); }
  // "" while it is not known, or when the user has none. The first call for a user asks.
  std::string find(const Peer& peer);

 private:
  void work();

  Loop& loop_;
  const Ask ask_;
  std::unordered_map<std::int64_t, std::string> names_;  // asked for: empty until it is known
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);

  std::mutex mutex_;  // guards the two below
  std::deque<Peer> asked_;
  bool ending_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // from the first question on
};

}  // namespace picket::pipe_server
