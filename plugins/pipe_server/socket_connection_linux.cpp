// SPDX-License-Identifier: Apache-2.0
#include "socket_connection_linux.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace picket::pipe_server {
namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10U;  // bytes of a stream at a time
constexpr std::size_t kKeptOutput = 4096;                  // capacity that an empty queue may keep
constexpr std::size_t kUsualGroups = 32;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kLastOutputNs = 5 * kSecondNs;  // for a peer to take its output when we close

constexpr std::uint8_t bit(Hold why) {
  return static_cast<std::uint8_t>(why);
}

bool is_fault(CloseReason reason) {
  return reason == CloseReason::idle || reason == CloseReason::queued || reason == CloseReason::malformed;
}

}  // namespace

SocketConnection::SocketConnection(EpollLoop& loop, Descriptor socket, const ListenerSettings& settings,
                                   Traffic& traffic, Owner& owner, const Peer& peer, std::uint64_t id)
    : loop_(loop),
      socket_(std::move(socket)),
      settings_(settings),
      traffic_(traffic),
      owner_(owner),
      peer_(peer),
      id_(id),
      active_ns_(loop.now_ns()),
      tokens_(kSecondNs),
      tokens_at_ns_(loop.now_ns()) {}

SocketConnection::~SocketConnection() {
  if (watched_) loop_.remove(socket_.get(), *this);
  forget_output();
}

bool SocketConnection::open(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  interest_ = EPOLLIN;
  watched_ = loop_.add(socket_.get(), interest_, *this);
  if (!watched_) return false;
  busy_ = true;
  session_->opened();
  busy_ = false;
  write_out();
  return true;
}

std::vector<std::int64_t> SocketConnection::peer_groups() const {
  std::vector<gid_t> groups(kUsualGroups);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) {
    if (errno != ERANGE) return {};
    groups.resize(size / sizeof(gid_t));  // now it has said how many there are
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return {};
  }
  groups.resize(size / sizeof(gid_t));
  return {groups.begin(), groups.end()};
}

// --- in ------------------------------------------------------------------------------------------------------------

void SocketConnection::ready(std::uint32_t events) {
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    if (state_ != State::open) return end(reason_);  // nobody is left to read anything
    if (held()) {
      // What it sent is still to be read; until then epoll would tell of the end all the time.
      loop_.remove(socket_.get(), *this);
      watched_ = false;
      parked_ = true;
      return;
    }
  }
  const std::weak_ptr<int> alive = alive_;
  if ((events & EPOLLOUT) != 0) write_out();
  if (alive.expired() || held() || state_ != State::open) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_once();
}

void SocketConnection::read_once() {
  const bool stream = settings_.kind == Kind::stream;
  const auto limit = static_cast<std::size_t>(settings_.limits.message);
  const std::size_t size = stream ? kReadSize : std::max(limit + 1, kReadSize);
  char* const buffer = loop_.buffer(size);
  const ssize_t count = ::recv(socket_.get(), buffer, size, MSG_DONTWAIT | (stream ? 0 : MSG_TRUNC));
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return end(CloseReason::gone);
  }
  active_ns_ = loop_.now_ns();
  if (count == 0) return input_over();
  const auto bytes = static_cast<std::size_t>(count);
  traffic_.received_bytes.add(bytes);
  if (!stream && bytes > limit) return close(CloseReason::malformed, false);
  const std::weak_ptr<int> alive = alive_;
  busy_ = true;
  const std::size_t messages = session_->received({buffer, bytes});
  if (alive.expired()) return;
  busy_ = false;
  take(messages);
  write_out();
}

// Counts messages, and holds a client that is faster than it may.
void SocketConnection::take(std::size_t messages) {
  if (messages == 0) return;
  traffic_.messages.add(messages);
  const std::int64_t rate = settings_.limits.rate;
  if (rate == 0 || state_ != State::open) return;
  const std::int64_t now = loop_.now_ns();
  tokens_ = std::min(kSecondNs, tokens_ + (now - tokens_at_ns_));
  tokens_at_ns_ = now;
  tokens_ -= static_cast<std::int64_t>(messages) * (kSecondNs / std::max<std::int64_t>(rate, 1));
  if (tokens_ >= 0) return;
  hold(Hold::rate);
  loop_.call_after(-tokens_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) release(Hold::rate);
  });
}

void SocketConnection::input_over() {
  state_ = State::input_over;
  reason_ = CloseReason::done;
  const std::weak_ptr<int> alive = alive_;
  busy_ = true;
  const bool may_close = session_->input_ended();
  if (alive.expired()) return;
  busy_ = false;
  if (over() || state_ == State::closing) return write_out();
  if (may_close && !held()) return close(CloseReason::done, true);
  write_out();
}

void SocketConnection::hold(Hold why) {
  holds_ = static_cast<std::uint8_t>(holds_ | bit(why));
  update_interest();
}

void SocketConnection::release(Hold why) {
  if ((holds_ & bit(why)) == 0) return;
  holds_ = static_cast<std::uint8_t>(holds_ & ~bit(why));
  if (held() || resume_planned_) return;
  // Not from inside of the session that releases.
  resume_planned_ = true;
  loop_.at_end_of_round([this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    resume_planned_ = false;
    go_on();
  });
}

// What the session kept comes first, then what the socket holds.
void SocketConnection::go_on() {
  if (over() || held() || state_ == State::closing) return;
  const std::weak_ptr<int> alive = alive_;
  busy_ = true;
  const std::size_t messages = session_->resumed();
  if (alive.expired()) return;
  busy_ = false;
  take(messages);
  if (over()) return;
  if (state_ == State::input_over && !held()) return input_over();
  if (parked_ && !held()) {
    parked_ = false;
    interest_ = EPOLLIN;
    watched_ = loop_.add(socket_.get(), interest_, *this);
    if (!watched_) return end(CloseReason::failed);
  }
  update_interest();
  write_out();
}

// --- out -----------------------------------------------------------------------------------------------------------

bool SocketConnection::send(std::string_view data) {
  if (state_ == State::over || state_ == State::closing || mute_) return false;
  if (queued() + data.size() > static_cast<std::size_t>(settings_.limits.queued) ||
      traffic_.queued + data.size() > traffic_.max_queued) {
    close(CloseReason::queued, false);
    return false;
  }
  out_.append(data);
  traffic_.queued += data.size();
  if (settings_.kind == Kind::seqpacket) out_messages_.push_back(static_cast<std::uint32_t>(data.size()));
  if (!busy_) plan_flush();
  return true;
}

void SocketConnection::plan_flush() {
  if (flush_planned_ || (interest_ & EPOLLOUT) != 0) return;
  flush_planned_ = true;
  loop_.at_end_of_round([this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    flush_planned_ = false;
    write_out();
  });
}

bool SocketConnection::flush() {
  const bool was_busy = std::exchange(busy_, true);  // what becomes of it is told later, not in here
  write_out();
  busy_ = was_busy;
  return !over() && !mute_;
}

void SocketConnection::write_out() {
  if (over()) return;
  bool wrote = false;
  while (queued() > 0) {
    const std::size_t size = out_messages_.empty() ? queued() : out_messages_.front();
    const ssize_t count = ::send(socket_.get(), out_.data() + out_begin_, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != ENOBUFS) {
        // Nobody reads any more; what the peer has sent before counts nevertheless, and its end will be read behind it.
        mute_ = true;
        forget_output();
      }
      break;
    }
    wrote = true;
    out_begin_ += static_cast<std::size_t>(count);
    traffic_.queued -= static_cast<std::size_t>(count);
    traffic_.sent_bytes.add(static_cast<std::uint64_t>(count));
    if (!out_messages_.empty()) out_messages_.erase(out_messages_.begin());
  }
  if (wrote) active_ns_ = loop_.now_ns();
  const bool empty = queued() == 0;
  if (empty) {
    out_.clear();
    out_begin_ = 0;
    if (out_.capacity() > kKeptOutput) out_.shrink_to_fit();
  } else if (out_begin_ > out_.size() / 2) {
    out_.erase(0, out_begin_);
    out_begin_ = 0;
  }
  // Who does not read its answers asks for no more of them.
  const auto limit = static_cast<std::size_t>(settings_.limits.queued);
  if (queued() > limit / 2) {
    hold(Hold::output);
  } else if (queued() <= limit / 4) {
    release(Hold::output);
  }
  if (empty && state_ == State::closing) return close(reason_, false);
  if (empty && wrote && !busy_ && state_ != State::closing) session_->writable();
  if (!over()) update_interest();
}

void SocketConnection::forget_output() {
  traffic_.queued -= queued();
  out_.clear();
  out_begin_ = 0;
  out_messages_.clear();
}

void SocketConnection::update_interest() {
  if (over() || !watched_) return;
  std::uint32_t wanted = 0;
  if (state_ == State::open && !held()) wanted |= EPOLLIN;
  if (queued() > 0 && !busy_ && !flush_planned_) wanted |= EPOLLOUT;
  if (wanted == interest_) return;
  interest_ = wanted;
  loop_.modify(socket_.get(), wanted, *this);
}

// --- the end -------------------------------------------------------------------------------------------------------

void SocketConnection::close(CloseReason reason, bool after_output) {
  if (over()) return;
  const bool wait = after_output && queued() > 0;
  if (state_ != State::closing) {
    reason_ = reason;
    state_ = State::closing;
  } else if (wait) {
    return;  // it does already
  }
  const std::weak_ptr<int> alive = alive_;
  const auto finish = [this, alive] {
    if (!alive.expired()) end(reason_);
  };
  if (!wait) {
    loop_.at_end_of_round(finish);
    return;
  }
  loop_.call_after(kLastOutputNs, finish);
  if (!busy_) write_out();
}

void SocketConnection::end(CloseReason reason) {
  if (over()) return;
  state_ = State::over;
  if (is_fault(reason)) traffic_.cut.add();
  if (watched_) loop_.remove(socket_.get(), *this);
  watched_ = false;
  forget_output();
  session_->closed(reason);
  owner_.connection_over(*this);  // *this is gone
}

void SocketConnection::give_up() {
  if (over()) return;
  busy_ = true;
  session_->abandoned();
  const std::weak_ptr<int> alive = alive_;
  write_out();
  if (!alive.expired()) end(CloseReason::stopping);
}

void SocketConnection::drain() {
  if (over() || state_ == State::closing) return;
  const std::weak_ptr<int> alive = alive_;
  if (!held() && state_ == State::open) read_once();
  if (alive.expired() || over() || state_ == State::closing) return;
  if (state_ == State::open) state_ = State::input_over;
  reason_ = CloseReason::stopping;
  update_interest();
  if (session_->draining()) close(CloseReason::stopping, true);
}

}  // namespace picket::pipe_server
