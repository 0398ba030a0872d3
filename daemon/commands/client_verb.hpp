// SPDX-License-Identifier: Apache-2.0
//
// What the verbs share that talk to a running daemon. Included by their files only.
#pragma once

#include "commands/client.hpp"
#include "commands/verbs.hpp"

namespace picket::commands {

// Connects, or says why not; then runs `work`.
template <typename Work>
int with_client(const ClientOptions& options, const std::string& verb, const Surroundings& surroundings, Work&& work) {
  auto client = Client::connect(options, surroundings);
  if (!client.ok()) return report(client.error(), verb, surroundings.err);
  return work(*client);
}

}  // namespace picket::commands
