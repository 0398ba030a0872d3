// SPDX-License-Identifier: Apache-2.0
//
// Steps, queues and calls in a few words, as labels and explanations show them. Secrets are not shown. Any thread.
#pragma once

#include <string>

#include "config/model.hpp"

namespace picket::analysis {

// "threshold raise: value > 0.9, for: 30s": what is not a default, in order of the schema.
std::string summary_of(const config::Step& step);

// "block, 100000 events, 64MiB"; with a spool "spill, 100000 events, 64MiB, spool 1GiB (then block)".
std::string summary_of(const config::QueueSettings& queue);
// The same, but empty where all is as it is without settings.
std::string unusual_of(const config::Destination& destination);

// "program: web" for the arguments {"program": "web"}.
std::string arguments_of(const config::CommandCall& call);

}  // namespace picket::analysis
