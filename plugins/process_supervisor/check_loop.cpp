// SPDX-License-Identifier: Apache-2.0
#include "check_loop.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "duration_text.hpp"
#include "launch.hpp"

namespace picket::process_supervisor {
namespace {

// File systems stamp with a clock that is up to a tick behind.
constexpr std::int64_t kFileClockLag = 50'000'000;

}  // namespace

CheckLoop::CheckLoop(const CheckTools& tools, Purpose purpose, const Check& check, const ProgramSettings& program,
                     std::int64_t since_wall_ns, Told told)
    : tools_(tools),
      purpose_(purpose),
      check_(check),
      since_wall_ns_(since_wall_ns),
      told_(std::move(told)),
      due_ns_(tools.agenda.now_ns()) {
  if (check_.kind == Check::Kind::command) program_ = program;
  if (check_.kind == Check::Kind::log) {
    RE2::Options options;
    options.set_log_errors(false);
    expression_ = std::make_unique<re2::RE2>(check_.target, options);
  }
  if (purpose_ == Purpose::liveness) {
    look_again();
  } else {
    next_ = tools_.agenda.after(0, [this] {
      next_ = 0;
      look();
    });
  }
}

CheckLoop::~CheckLoop() {
  tools_.agenda.cancel(next_);
  tools_.agenda.cancel(limit_);
  tools_.prober.cancel(probe_);
  tools_.helpers.cancel(helper_);
}

// The period counts from due time to due time, so that slow answers do not stretch it; looks that it is too late for
// are left out.
void CheckLoop::look_again() {
  due_ns_ = std::max(due_ns_ + check_.every_ns, tools_.agenda.now_ns());
  next_ = tools_.agenda.at(due_ns_, [this] {
    next_ = 0;
    look();
  });
}

void CheckLoop::look() {
  switch (check_.kind) {
    case Check::Kind::none:
    case Check::Kind::notify:
      return;  // somebody else says it
    case Check::Kind::log: {
      if (purpose_ == Purpose::readiness) return;  // line() says it
      const bool seen = std::exchange(line_seen_, false);
      return answer(seen, seen ? "" : "no line fitted \"" + check_.target + "\" for " + duration_text(check_.every_ns));
    }
    case Check::Kind::command: {
      auto spec = make_helper_spec(program_, check_.command, std::string(HelperRuns::kPrefix) + program_.name);
      if (!spec) return answer(false, spec.error().message);
      helper_ =
          tools_.helpers.run(std::move(spec).value(), check_.attempt_ns, [this](bool good, const std::string& why) {
            helper_ = 0;
            answer(good, good ? "" : "the check " + why);
          });
      return;
    }
    case Check::Kind::port:
    case Check::Kind::http:
    case Check::Kind::file:
      break;
  }
  limit_ = tools_.agenda.after(check_.attempt_ns, [this] {
    limit_ = 0;
    tools_.prober.cancel(probe_);
    answer(false, check_.target + ": no answer within " + duration_text(check_.attempt_ns));
  });
  probe_ = tools_.prober.begin(check_.kind, check_.target, [this](const ProbeResult& result) {
    probe_ = 0;
    tools_.agenda.cancel(limit_);
    if (check_.kind == Check::Kind::file) return file_answer(result);
    answer(result.ok, result.why);
  });
}

void CheckLoop::file_answer(const ProbeResult& result) {
  if (!result.ok) return answer(false, result.why);
  if (purpose_ == Purpose::readiness) {
    const bool fresh = result.written_ns >= since_wall_ns_ - kFileClockLag;
    return answer(fresh, fresh ? "" : check_.target + ": is from before the start");
  }
  // Compared with itself, not with a clock: a step of the wall clock makes nobody sick.
  const bool written = written_ns_ == 0 || result.written_ns != written_ns_;
  written_ns_ = result.written_ns;
  answer(written, written ? "" : check_.target + ": was not written for " + duration_text(check_.every_ns));
}

void CheckLoop::answer(bool good, const std::string& why) {
  if (!good || purpose_ == Purpose::liveness) look_again();
  const Told told = told_;
  told(good, why);  // may destroy this
}

void CheckLoop::line(std::string_view text) {
  if (!expression_ || !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_)) return;
  line_seen_ = true;
  if (purpose_ != Purpose::readiness) return;
  const Told told = told_;
  told(true, "");  // may destroy this
}

}  // namespace picket::process_supervisor
