// SPDX-License-Identifier: Apache-2.0
//
// A plugin that breaks the rule that no exception crosses the ABI: its create() throws, and no wrapper catches. For
// start_test.cpp.
#include <picket/plugin.h>

#include <stdexcept>

namespace {

picket_status create(const picket_host* /*host*/, const picket_config* /*config*/, picket_plugin* /*plugin*/,
                     picket_error* /*error*/) {
  throw std::runtime_error("thrown through the boundary");
}

const picket_plugin_type type = {.size = sizeof(picket_plugin_type),
                                 .abi_major = PICKET_ABI_MAJOR,
                                 .abi_minor = PICKET_ABI_MINOR,
                                 .id = "throwing",
                                 .version = "1",
                                 .summary = "throws through the ABI",
                                 .config_schema = "{}",
                                 .create = create};

}  // namespace

extern "C" PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void) {
  return &type;
}
