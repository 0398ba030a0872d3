// SPDX-License-Identifier: Apache-2.0
//
// The plugin class: starts and stops the loop with its listeners, and carries what the daemon says to the loop's
// thread.
#pragma once

#include <memory>
#include <vector>

#include "publisher.hpp"
#include "services.hpp"
#include "session.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {

class PipeServer : public Plugin, public Source {
 public:
  PipeServer(Host host, const Config& config);
  ~PipeServer() override;

  void start() override;
  // Waits, at most `drain`, for answers that are under way.
  void stop() override;
  void on_ready(Name port) override;
  void acknowledged(std::uint64_t token, picket_status status) override;

 private:
  void open_listeners();
  void drain_listeners();

  const Settings settings_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Door> door_;
  std::vector<std::unique_ptr<Protocol>> protocols_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace picket::pipe_server
