// SPDX-License-Identifier: Apache-2.0
//
// Gives threads the names that debuggers and `top -H` show. Called by whoever starts a thread, from within it.
#pragma once

#include <string>

namespace picket::platform {

// Names the calling thread. Linux keeps 15 bytes; the rest is cut. Failure is ignored: a name is a courtesy.
void name_this_thread(const std::string& name);

}  // namespace picket::platform
