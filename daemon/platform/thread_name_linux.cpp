// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include "platform/thread_name.hpp"

namespace picket::platform {

void name_this_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel's TASK_COMM_LEN less the zero
}

}  // namespace picket::platform
