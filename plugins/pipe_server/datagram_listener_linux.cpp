// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "socket_listener_linux.hpp"

namespace picket::pipe_server {
namespace {

constexpr std::size_t kDatagramsARound = 64;
constexpr std::size_t kDatagramsAtStop = 10'000;
constexpr std::int64_t kDatagramSecondNs = 1'000'000'000;

}  // namespace

DatagramListener::DatagramListener(EpollLoop& loop, Host host, const ListenerSettings& settings, Traffic& traffic,
                                   Protocol& protocol)
    : loop_(loop),
      settings_(settings),
      traffic_(traffic),
      socket_(host, settings, 0),
      protocol_(protocol),
      tokens_(kDatagramSecondNs),
      tokens_at_ns_(loop.now_ns()) {
  const int on = 1;
  if (::setsockopt(socket_.socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
    throw Failure("cannot listen at " + settings.path + ": SO_PASSCRED: " + std::strerror(errno));
  }
}

DatagramListener::~DatagramListener() {
  if (watched_) loop_.remove(socket_.socket.get(), *this);
  if (session_) session_->closed(CloseReason::stopping);
}

void DatagramListener::accept() {
  session_ = protocol_.open(*this);
  session_->opened();
  watched_ = loop_.add(socket_.socket.get(), EPOLLIN, *this);
  if (!watched_) throw Failure("cannot listen at " + settings_.path + ": " + std::strerror(errno));
  reading_ = true;
}

void DatagramListener::ready(std::uint32_t /*events*/) {
  receive(kDatagramsARound);
}

void DatagramListener::receive(std::size_t most) {
  const auto limit = static_cast<std::size_t>(settings_.limits.message);
  char* const buffer = loop_.buffer(limit + 1);
  for (std::size_t i = 0; i < most && !held(); ++i) {
    iovec part{buffer, limit + 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t count = ::recvmsg(socket_.socket.get(), &message, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
    if (count < 0) {
      if (errno == EINTR) continue;
      return;
    }
    peer_ = {};
    if (const cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) {
      ucred credentials{};
      std::memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
      peer_ = {credentials.uid, credentials.gid, credentials.pid};
    }
    const auto bytes = static_cast<std::size_t>(count);
    traffic_.received_bytes.add(bytes);
    if (bytes > limit) {
      traffic_.messages.add();
      traffic_.malformed.add();
      continue;
    }
    take(session_->received({buffer, bytes}));
  }
}

void DatagramListener::take(std::size_t messages) {
  if (messages == 0) return;
  traffic_.messages.add(messages);
  const std::int64_t rate = settings_.limits.rate;
  if (rate == 0) return;
  const std::int64_t now = loop_.now_ns();
  tokens_ = std::min(kDatagramSecondNs, tokens_ + (now - tokens_at_ns_));
  tokens_at_ns_ = now;
  tokens_ -= static_cast<std::int64_t>(messages) * (kDatagramSecondNs / rate);
  if (tokens_ >= 0) return;
  hold(Hold::rate);
  loop_.call_after(-tokens_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) release(Hold::rate);
  });
}

void DatagramListener::hold(Hold why) {
  holds_ = static_cast<std::uint8_t>(holds_ | static_cast<std::uint8_t>(why));
  update_interest();
}

void DatagramListener::release(Hold why) {
  holds_ = static_cast<std::uint8_t>(holds_ & ~static_cast<std::uint8_t>(why));
  if (held() || resume_planned_) return;
  resume_planned_ = true;
  loop_.at_end_of_round([this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    resume_planned_ = false;
    if (!held() && !draining_) take(session_->resumed());
    update_interest();
  });
}

void DatagramListener::update_interest() {
  const bool wanted = !held() && !draining_;
  if (!watched_ || wanted == reading_) return;
  reading_ = wanted;
  loop_.modify(socket_.socket.get(), wanted ? EPOLLIN : 0U, *this);
}

void DatagramListener::drain(std::int64_t /*patience_ns*/, std::function<void()> drained) {
  // What was sent before the stop counts, but senders that do not stop must not keep us.
  if (!held()) receive(kDatagramsAtStop);
  draining_ = true;
  if (watched_) loop_.remove(socket_.socket.get(), *this);
  watched_ = false;
  socket_.path.reset();
  socket_.socket.reset();
  loop_.at_end_of_round(std::move(drained));
}

}  // namespace picket::pipe_server
