/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole C interface of Picket: the core and every extension.
 */
#ifndef PICKET_PICKET_H
#define PICKET_PICKET_H

#include "base.h"
#include "batch.h"
#include "ext/commands.h"
#include "ext/health.h"
#include "ext/history.h"
#include "ext/inherited_sockets.h"
#include "ext/message_handler.h"
#include "ext/os_log.h"
#include "ext/process.h"
#include "ext/reload.h"
#include "ext/sink.h"
#include "ext/source.h"
#include "ext/state.h"
#include "ext/subscribe.h"
#include "ext/thread_check.h"
#include "host.h"
#include "plugin.h"

#endif
