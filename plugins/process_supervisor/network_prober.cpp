// SPDX-License-Identifier: Apache-2.0
//
// One thread with Asio. Looks belong to that thread; who waits for them, to the [control] thread: an answer that comes
// after cancel() finds nobody.
#include <array>
#include <boost/asio.hpp>
#include <filesystem>
#include <thread>
#include <unordered_map>

#include "inbox.hpp"
#include "probe_target.hpp"
#include "prober.hpp"

namespace picket::process_supervisor {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Done = std::function<void(const ProbeResult&)>;

// One look at a port or an HTTP server. Keeps itself alive until it has told what it saw.
class SocketLook : public std::enable_shared_from_this<SocketLook> {
 public:
  SocketLook(asio::io_context& context, ProbeTarget target, bool http, Done done)
      : socket_(context),
#if defined(BOOST_ASIO_HAS_LOCAL_SOCKETS)
        local_(context),
#endif
        target_(std::move(target)),
        http_(http),
        done_(std::move(done)) {
  }

  void begin() {
    if (target_.host.empty()) return begin_local();
    ErrorCode error;
    if (target_.host == "localhost") {
      endpoints_ = {{asio::ip::address_v4::loopback(), target_.port}, {asio::ip::address_v6::loopback(), target_.port}};
    } else {
      const auto address = asio::ip::make_address(target_.host, error);
      if (error) return tell({false, target_.host + ": no address", 0});
      endpoints_ = {{address, target_.port}};
    }
    connect(0);
  }

  void cancel() {
    done_ = nullptr;
    ErrorCode ignored;
    socket_.close(ignored);
#if defined(BOOST_ASIO_HAS_LOCAL_SOCKETS)
    local_.close(ignored);
#endif
  }

 private:
  void begin_local() {
#if defined(BOOST_ASIO_HAS_LOCAL_SOCKETS)
    if (target_.path.size() > 107) return tell({false, target_.path + ": too long for a local socket", 0});
    local_.async_connect(asio::local::stream_protocol::endpoint(target_.path),
                         [self = shared_from_this()](const ErrorCode& error) {
                           self->tell({!error, error ? self->target_.path + ": " + error.message() : "", 0});
                         });
#else
    tell({false, target_.path + ": this system has no local sockets", 0});
#endif
  }

  void connect(std::size_t index) {
    ErrorCode ignored;
    socket_.close(ignored);
    socket_.async_connect(endpoints_[index], [self = shared_from_this(), index](ErrorCode error) {
      // To a port of the range that clients use, where nobody listens, a socket can connect to itself.
      ErrorCode unknown;
      if (!error && self->socket_.local_endpoint(unknown) == self->endpoints_[index]) {
        error = asio::error::connection_refused;
      }
      if (error && error != asio::error::operation_aborted && index + 1 < self->endpoints_.size()) {
        return self->connect(index + 1);
      }
      if (error) return self->tell({false, self->name() + ": " + error.message(), 0});
      if (!self->http_) return self->tell({true, {}, 0});
      self->ask();
    });
  }

  void ask() {
    request_ = "GET " + target_.path + " HTTP/1.1\r\nHost: " + target_.authority +
               "\r\nUser-Agent: Picket\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this()](const ErrorCode& error, std::size_t /*sent*/) {
                        if (error) return self->tell({false, self->name() + ": " + error.message(), 0});
                        self->read();
                      });
  }

  void read() {
    socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const ErrorCode& error, std::size_t got) {
      self->answer_.append(self->chunk_.data(), got);
      const int status = http_status(self->answer_);
      if (status > 0) {
        const bool good = status >= 200 && status < 400;
        return self->tell({good, good ? "" : self->name() + " answered with status " + std::to_string(status), 0});
      }
      if (status == 0) return self->tell({false, self->name() + ": the answer is no HTTP", 0});
      if (error) return self->tell({false, self->name() + ": " + error.message(), 0});
      self->read();
    });
  }

  std::string name() const {
    return (http_ ? "http://" : "") +
           (target_.authority.empty() ? "port " + std::to_string(target_.port) : target_.authority) +
           (http_ ? target_.path : "");
  }

  void tell(const ProbeResult& result) {
    const Done done = std::exchange(done_, nullptr);
    cancel();
    if (done) done(result);
  }

  tcp::socket socket_;
#if defined(BOOST_ASIO_HAS_LOCAL_SOCKETS)
  asio::local::stream_protocol::socket local_;
#endif
  ProbeTarget target_;
  bool http_;
  Done done_;
  std::vector<tcp::endpoint> endpoints_;
  std::string request_, answer_;
  std::array<char, 256> chunk_{};
};

ProbeResult look_at_file(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file(std::u8string(path.begin(), path.end()));
  const auto time = std::filesystem::last_write_time(file, error);
  if (error) return {false, path + ": " + error.message(), 0};
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return {true, {}, std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

class NetworkProber final : public Prober {
 public:
  explicit NetworkProber(Host host) : inbox_(host) {}
  ~NetworkProber() override {
    inbox_.close();
    waiting_.clear();
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Probe begin(Check::Kind kind, const std::string& target, Done done) override {
    if (!thread_.joinable()) {
      thread_ = std::thread([this] {
        const auto work = asio::make_work_guard(context_);
        context_.run();
      });
    }
    const Probe id = ++last_;
    waiting_.emplace(id, std::move(done));
    asio::post(context_, [this, id, kind, target] { look(id, kind, target); });
    return id;
  }

  void cancel(Probe& probe) override {
    const Probe id = std::exchange(probe, 0);
    if (waiting_.erase(id) == 0) return;
    asio::post(context_, [this, id] {
      const auto found = looks_.find(id);
      if (found == looks_.end()) return;
      found->second->cancel();
      looks_.erase(found);
    });
  }

 private:
  void look(Probe id, Check::Kind kind, const std::string& target) {
    if (kind == Check::Kind::file) return answer(id, look_at_file(target));
    const bool http = kind == Check::Kind::http;
    auto parsed = http ? http_target(target) : port_target(target);
    if (!parsed) return answer(id, {false, parsed.error().message, 0});
    const auto made = std::make_shared<SocketLook>(context_, std::move(parsed).value(), http,
                                                   [this, id](const ProbeResult& result) { answer(id, result); });
    looks_.emplace(id, made);
    made->begin();
  }

  void answer(Probe id, const ProbeResult& result) {
    looks_.erase(id);
    inbox_.post([this, id, result] {
      const auto found = waiting_.find(id);
      if (found == waiting_.end()) return;
      const Done done = std::move(found->second);
      waiting_.erase(found);
      done(result);
    });
  }

  Inbox inbox_;
  Probe last_ = 0;
  std::unordered_map<Probe, Done> waiting_;  // of [control]
  asio::io_context context_{1};
  std::unordered_map<Probe, std::shared_ptr<SocketLook>> looks_;  // of the thread
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Prober> make_network_prober(Host host) {
  return std::make_unique<NetworkProber>(host);
}

}  // namespace picket::process_supervisor
