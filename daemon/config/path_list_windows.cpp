// SPDX-License-Identifier: Apache-2.0
#include "config/loader.hpp"

namespace picket::config {

const char kPathListSeparator = ';';

}  // namespace picket::config
