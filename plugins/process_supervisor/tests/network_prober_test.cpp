// SPDX-License-Identifier: Apache-2.0
//
// Real sockets of this machine: each test has a port or a path of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <picket/testing.hpp>
#include <thread>

#include "prober.hpp"

namespace picket::process_supervisor {
namespace {

using ::testing::HasSubstr;
using std::chrono_literals::operator""ms;
using boost::asio::ip::tcp;

class Idle : public Plugin {
 public:
  Idle(Host host, const Config& /*config*/) : Plugin(host) {}
  void start() override { prober = make_network_prober(host()); }
  void stop() override { prober.reset(); }
  static inline std::unique_ptr<Prober> prober;
};
const picket_plugin_type kIdle = plugin_type<Idle>({"idle", "1", "holds a prober", R"({"type": "object"})"});

class NetworkProber : public ::testing::Test {
 protected:
  NetworkProber() { EXPECT_TRUE(host.start().ok()); }
  ProbeResult look(Check::Kind kind, const std::string& target) {
    std::optional<ProbeResult> result;
    Idle::prober->begin(kind, target, [&](const ProbeResult& seen) { result = seen; });
    EXPECT_TRUE(host.wait_until([&] {
      host.advance(1ms);
      return result.has_value();
    }));
    return result.value_or(ProbeResult{});
  }
  // Answers one connection with `text`.
  std::string serve(const std::string& text) {
    acceptor.emplace(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    server = std::thread([this, text] {
      tcp::socket client(context);
      boost::system::error_code error;
      acceptor->accept(client, error);
      if (error) return;
      std::array<char, 512> request{};
      const std::size_t got = client.read_some(boost::asio::buffer(request), error);
      asked.assign(request.data(), got);
      boost::asio::write(client, boost::asio::buffer(text), error);
    });
    return "127.0.0.1:" + std::to_string(acceptor->local_endpoint().port());
  }
  ~NetworkProber() override {
    if (server.joinable()) server.join();
  }

  testing::FakeHost host{&kIdle};
  boost::asio::io_context context;
  std::optional<tcp::acceptor> acceptor;
  std::thread server;
  std::string asked;
};

TEST_F(NetworkProber, a_port_answers_or_refuses) {
  tcp::acceptor listener(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::string port = std::to_string(listener.local_endpoint().port());
  EXPECT_TRUE(look(Check::Kind::port, port).ok);
  EXPECT_TRUE(look(Check::Kind::port, "127.0.0.1:" + port).ok);
  listener.close();
  const ProbeResult refused = look(Check::Kind::port, "127.0.0.1:" + port);
  EXPECT_FALSE(refused.ok);
  EXPECT_THAT(refused.why, AllOf(HasSubstr(port), HasSubstr("refused")));
}

TEST_F(NetworkProber, a_local_socket_answers) {
  const auto path = std::filesystem::temp_directory_path() / ("picket-probe-" + std::to_string(::getpid()));
  std::filesystem::remove(path);
  EXPECT_FALSE(look(Check::Kind::port, "unix:" + path.string()).ok);
  boost::asio::local::stream_protocol::acceptor listener(context, path.string());
  EXPECT_TRUE(look(Check::Kind::port, "unix:" + path.string()).ok);
  std::filesystem::remove(path);
}

TEST_F(NetworkProber, http_is_judged_by_its_status) {
  EXPECT_TRUE(look(Check::Kind::http, "http://" + serve("HTTP/1.1 204 No Content\r\n\r\n") + "/health").ok);
  server.join();
  EXPECT_THAT(asked, AllOf(HasSubstr("GET /health HTTP/1.1\r\n"), HasSubstr("Host: 127.0.0.1:")));
  const ProbeResult bad = look(Check::Kind::http, "http://" + serve("HTTP/1.1 503 Busy\r\n\r\n"));
  EXPECT_THAT(bad.why, HasSubstr("status 503"));
  server.join();
  EXPECT_THAT(look(Check::Kind::http, "http://" + serve("hello\r\n")).why, HasSubstr("no HTTP"));
  server.join();
  EXPECT_FALSE(look(Check::Kind::http, "http://" + serve("HTTP/1.")).ok);
}

TEST_F(NetworkProber, a_file_says_when_it_was_written) {
  const auto path = std::filesystem::temp_directory_path() / ("picket-file-" + std::to_string(::getpid()));
  EXPECT_THAT(look(Check::Kind::file, path.string()).why, HasSubstr("No such file"));
  std::ofstream(path) << "x";
  const ProbeResult seen = look(Check::Kind::file, path.string());
  EXPECT_TRUE(seen.ok);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_LT(std::abs(std::chrono::nanoseconds(now).count() - seen.written_ns), 3'600'000'000'000);
  std::filesystem::remove(path);
}

TEST_F(NetworkProber, a_silent_server_is_given_up_without_waiting) {
  tcp::acceptor listener(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::string target = "http://127.0.0.1:" + std::to_string(listener.local_endpoint().port());
  bool told = false;
  Probe probe = Idle::prober->begin(Check::Kind::http, target, [&](const ProbeResult&) { told = true; });
  tcp::socket client(context);
  listener.accept(client);
  Idle::prober->cancel(probe);
  EXPECT_EQ(probe, 0U);
  // The connection is closed from the other side.
  std::array<char, 512> rest{};
  boost::system::error_code error;
  while (!error) client.read_some(boost::asio::buffer(rest), error);
  Idle::prober->begin(Check::Kind::http, target, [&](const ProbeResult&) { told = true; });
  host.stop();  // with one under way
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace picket::process_supervisor
