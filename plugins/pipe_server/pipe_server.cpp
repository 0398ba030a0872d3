// SPDX-License-Identifier: Apache-2.0
#include "pipe_server.hpp"

#include <exception>
#include <future>
#include <utility>

namespace picket::pipe_server {
namespace {

Settings settings_of(const Config& config) {
  auto settings = parse_settings(config.json());
  if (!settings.ok()) throw Failure(settings.error().message, settings.error().status);
  return std::move(settings).value();
}

}  // namespace

PipeServer::PipeServer(Host host, const Config& config) : Plugin(host), settings_(settings_of(config)) {}

PipeServer::~PipeServer() {
  if (loop_ != nullptr) stop();
}

void PipeServer::start() {
  loop_ = Loop::make(host());
  traffic_ = std::make_unique<Traffic>(host(), static_cast<std::size_t>(settings_.connections),
                                       static_cast<std::size_t>(settings_.queued));
  publisher_ = std::make_unique<Publisher>(host(), *loop_);
  services_ = std::make_unique<Services>(host(), *loop_, *publisher_, settings_);
  door_ = std::make_unique<Door>(Door{host(), *loop_, *publisher_, *traffic_, settings_, services_.get()});
  std::exception_ptr problem;
  loop_->run([&] {
    try {
      open_listeners();
    } catch (...) {
      problem = std::current_exception();
      listeners_.clear();
    }
  });
  if (problem) {
    stop();
    std::rethrow_exception(problem);
  }
}

// All are bound before the first accepts: either the whole door opens, or none of it.
void PipeServer::open_listeners() {
  for (const ListenerSettings& settings : settings_.listen) {
    protocols_.push_back(make_protocol(*door_, settings));
    Protocol& protocol = *protocols_.back();
    listeners_.push_back(Listener::make(*loop_, host(), settings, *traffic_, protocol));
  }
  for (const auto& listener : listeners_) listener->accept();
}

void PipeServer::stop() {
  if (loop_ == nullptr) return;
  drain_listeners();
  loop_->run([&] {
    services_->counters.publish();
    publisher_->flush();
    publisher_->stop();
    listeners_.clear();
    protocols_.clear();
    services_.reset();
  });
  loop_->stop();
  door_.reset();
  publisher_.reset();
  traffic_.reset();
  loop_.reset();
}

void PipeServer::drain_listeners() {
  struct Drain {
    std::promise<void> over;
    std::size_t left = 0;
  };
  const auto drain = std::make_shared<Drain>();
  loop_->run([&] {
    drain->left = listeners_.size();
    if (drain->left == 0) drain->over.set_value();
    for (const auto& listener : listeners_) {
      listener->drain(settings_.drain_ns, [drain] {
        if (--drain->left == 0) drain->over.set_value();
      });
    }
  });
  drain->over.get_future().wait();
}

void PipeServer::on_ready(Name /*port*/) {
  loop_->post([this] { publisher_->on_ready(); });
}

void PipeServer::acknowledged(std::uint64_t token, picket_status status) {
  loop_->post([this, token, status] { publisher_->acknowledged(token, status); });
}

}  // namespace picket::pipe_server
