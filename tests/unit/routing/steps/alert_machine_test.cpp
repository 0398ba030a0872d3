// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/alert_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <sstream>

namespace picket::routing {
namespace {

constexpr std::int64_t kNever = AlertRules::kNever;

// The same behaviour, told as a story: looks at the clock every unit of time and keeps no deadlines.
class Model {
 public:
  explicit Model(const AlertRules& rules) : rules_(rules) {}

  // What happens by itself at `now`, at most one thing; call until it says nothing happened.
  AlertNews pass(std::int64_t now, bool& happened) {
    happened = true;
    const std::int64_t quiet = now - seen_;
    if (gone_) {
      happened = false;
      return AlertNews::nothing;
    }
    if (!alarm_ && condition_since_ >= 0 && now - condition_since_ >= rules_.wait) return raise(now, false);
    if (alarm_ && contrary_since_ >= 0 && now - contrary_since_ >= patience()) return clear(now);
    const bool remembered = alarm_ || condition_since_ >= 0 || !raises_.empty() || rules_.absent != 0;
    if (remembered && rules_.forget != kNever && quiet >= rules_.forget) {
      gone_ = true;
      const bool told = alarm_;
      alarm_ = false;
      return told ? AlertNews::cleared : AlertNews::nothing;
    }
    if (rules_.absent != 0 && quiet >= rules_.absent) {
      if (!alarm_) return raise(now, true);
      if (contrary_since_ >= 0) {
        contrary_since_ = -1;
        by_silence_ = true;
        return AlertNews::nothing;
      }
    }
    if (alarm_ && rules_.still != 0 && now - told_ >= rules_.still) {
      told_ = now;
      return AlertNews::still;
    }
    if (!alarm_ && condition_since_ < 0 && !raises_.empty() && now - raises_.back() >= rules_.flap_within) {
      raises_.clear();
      return AlertNews::nothing;
    }
    happened = false;
    return AlertNews::nothing;
  }

  AlertNews see(std::int64_t now, AlertInput input) {
    seen_ = now;
    const bool bad = input == AlertInput::raise;
    const bool good = input == AlertInput::clear;
    if (!alarm_) {
      if (input == AlertInput::unknown) return AlertNews::nothing;
      if (!bad && condition_since_ >= 0) {
        condition_since_ = -1;
        forget_old_raises(now);
      }
      if (bad && condition_since_ < 0) condition_since_ = now;
      return bad && now - condition_since_ >= rules_.wait ? raise(now, false) : AlertNews::nothing;
    }
    if (by_silence_) {
      by_silence_ = false;
      if (bad) return AlertNews::nothing;
      if (!flapping_) return clear(now);
      contrary_since_ = now;
      return now - contrary_since_ >= patience() ? clear(now) : AlertNews::nothing;
    }
    if (input == AlertInput::unknown) return AlertNews::nothing;
    if (!good) contrary_since_ = -1;
    if (good && contrary_since_ < 0) contrary_since_ = now;
    return good && now - contrary_since_ >= patience() ? clear(now) : AlertNews::nothing;
  }

  bool alarm() const { return alarm_; }

 private:
  std::int64_t patience() const {
    return flapping_ ? std::max(rules_.clear_wait, rules_.flap_within) : rules_.clear_wait;
  }
  AlertNews raise(std::int64_t now, bool by_silence) {
    alarm_ = true;
    by_silence_ = by_silence;
    condition_since_ = contrary_since_ = -1;
    told_ = now;
    raises_.push_back(now);
    if (raises_.size() > rules_.flap_raises) raises_.pop_front();
    flapping_ =
        rules_.flap_raises != 0 && raises_.size() == rules_.flap_raises && now - raises_.front() <= rules_.flap_within;
    return AlertNews::raised;
  }
  void forget_old_raises(std::int64_t now) {
    if (!raises_.empty() && now - raises_.back() >= rules_.flap_within) raises_.clear();
  }
  AlertNews clear(std::int64_t now) {
    alarm_ = by_silence_ = false;
    condition_since_ = contrary_since_ = -1;
    forget_old_raises(now);
    return AlertNews::cleared;
  }

  AlertRules rules_;
  bool alarm_ = false, by_silence_ = false, flapping_ = false, gone_ = false;
  std::int64_t condition_since_ = -1, contrary_since_ = -1, told_ = 0, seen_ = 0;
  std::deque<std::int64_t> raises_;
};

AlertRules random_rules(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<std::int64_t> values) {
    return values.begin()[random() % values.size()];
  };
  AlertRules rules;
  rules.wait = one_of({0, 3, 10});
  rules.clear_wait = one_of({0, 2, 8});
  rules.still = one_of({0, 5, 13});
  rules.absent = one_of({0, 0, 9, 20});
  rules.forget = one_of({kNever, 40, 90});
  rules.flap_raises = static_cast<std::uint32_t>(one_of({0, 1, 2, 4}));
  rules.flap_within = one_of({10, 30});
  return rules;
}

std::string text_of(const AlertRules& rules) {
  std::ostringstream text;
  text << "for " << rules.wait << " clear_for " << rules.clear_wait << " still " << rules.still << " absent "
       << rules.absent << " forget " << rules.forget << " flapping " << rules.flap_raises << " in "
       << rules.flap_within;
  return text.str();
}

TEST(AlertMachine, does_what_the_story_says_under_random_input) {
  std::mt19937 random(1);
  int raised = 0;
  for (int run = 0; run < 400; ++run) {
    const AlertRules rules = random_rules(random);
    AlertMachine machine;
    Model model(rules);
    machine.see(rules, 0, AlertInput::unknown);
    model.see(0, AlertInput::unknown);
    const unsigned often = 2 + random() % 12;
    unsigned mood = 0;
    for (std::int64_t now = 0; now < 400; ++now) {
      SCOPED_TRACE(text_of(rules) + " at " + std::to_string(now));
      bool happened = true;
      while (happened) {
        const AlertNews told = model.pass(now, happened);
        ASSERT_EQ(machine.due(rules) <= now, happened);
        if (happened) {
          const AlertNews news = machine.time(rules, now);
          ASSERT_EQ(news, told);
          raised += news == AlertNews::raised ? 1 : 0;
        }
      }
      if (machine.state() == AlertState::forgotten) {  // the group is made anew when it speaks again
        ASSERT_TRUE(machine.idle(rules));
        machine = {};
        model = Model(rules);
        machine.see(rules, now, AlertInput::unknown);
        model.see(now, AlertInput::unknown);
      }
      if (random() % 20 == 0) mood = random() % 4;
      if (random() % often == 0) {
        const auto input = static_cast<AlertInput>(random() % 3 == 0 ? random() % 4 : mood);
        const AlertNews news = machine.see(rules, now, input);
        ASSERT_EQ(news, model.see(now, input));
        raised += news == AlertNews::raised ? 1 : 0;
      }
      ASSERT_EQ(machine.in_alarm(), model.alarm());
      ASSERT_GT(machine.due(rules), now) << "nothing is due twice at one time";
    }
  }
  EXPECT_GT(raised, 1'000) << "the input must reach the states";
}

TEST(AlertMachine, is_idle_exactly_when_nothing_would_be_lost) {
  AlertRules rules;
  AlertMachine machine;
  machine.see(rules, 0, AlertInput::between);
  EXPECT_TRUE(machine.idle(rules));
  machine.see(rules, 1, AlertInput::raise);
  EXPECT_FALSE(machine.idle(rules));
  machine.see(rules, 2, AlertInput::clear);
  EXPECT_TRUE(machine.idle(rules));
  rules.flap_raises = 2;
  rules.flap_within = 10;
  machine.see(rules, 3, AlertInput::raise);
  machine.see(rules, 4, AlertInput::clear);
  EXPECT_FALSE(machine.idle(rules)) << "when it was raised counts";
  EXPECT_EQ(machine.due(rules), 13);
  machine.time(rules, 13);
  EXPECT_TRUE(machine.idle(rules));
  rules.absent = 5;
  EXPECT_FALSE(machine.idle(rules)) << "its silence would go unnoticed";
}

TEST(AlertMachine, raise_wins_over_clear_and_null_says_nothing) {
  EXPECT_EQ(alert_input(Truth::yes, Truth::yes), AlertInput::raise);
  EXPECT_EQ(alert_input(Truth::no, Truth::yes), AlertInput::clear);
  EXPECT_EQ(alert_input(Truth::unknown, Truth::yes), AlertInput::clear);
  EXPECT_EQ(alert_input(Truth::no, Truth::no), AlertInput::between);
  EXPECT_EQ(alert_input(Truth::unknown, Truth::no), AlertInput::unknown);
}

TEST(AlertMachine, stopping_clears_what_is_raised_only) {
  const AlertRules rules;
  AlertMachine machine;
  EXPECT_EQ(machine.stop(), AlertNews::nothing);
  machine.see(rules, 0, AlertInput::raise);
  EXPECT_EQ(machine.stop(), AlertNews::cleared);
  EXPECT_EQ(machine.reason(), AlertReason::stopped);
  EXPECT_EQ(machine.stop(), AlertNews::nothing);
}

}  // namespace
}  // namespace picket::routing
