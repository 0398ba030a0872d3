// SPDX-License-Identifier: Apache-2.0
//
// The functions behind picket_host_messages, the host's side of picket.message-handler/1; host_table.cpp hands it out.
#pragma once

#include "picket/ext/message_handler.h"

namespace picket::plugin_host {

const picket_host_messages& host_messages();

}  // namespace picket::plugin_host
