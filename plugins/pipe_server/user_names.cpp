// SPDX-License-Identifier: Apache-2.0
#include "user_names.hpp"

#include <utility>

namespace picket::pipe_server {

UserNames::~UserNames() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::string UserNames::find(const Peer& peer) {
  if (!peer.known()) return {};
  if (const auto found = names_.find(peer.uid); found != names_.end()) return found->second;
  {
    const std::scoped_lock lock(mutex_);
    if (asked_.size() >= kMostAsked) return {};
    asked_.push_back(peer);
  }
  if (names_.size() >= kMost) names_.clear();
  names_.emplace(peer.uid, std::string());
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  changed_.notify_one();
  return {};
}

void UserNames::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !asked_.empty(); });
    if (ending_) return;
    const Peer peer = asked_.front();
    asked_.pop_front();
    lock.unlock();
    std::string name = ask_(peer);
    loop_.post([this, uid = peer.uid, name = std::move(name), alive = std::weak_ptr<int>(alive_)]() mutable {
      if (!alive.expired()) know(uid, std::move(name));
    });
    lock.lock();
  }
}

}  // namespace picket::pipe_server
