// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <picket/detail/failure.hpp>
#include <string>

namespace picket::detail {
namespace {

struct Heard {
  picket_status status = PICKET_OK;
  std::string message;
};

template <typename Body>
std::pair<picket_status, Heard> guarded(Body body) {
  Heard heard;
  const picket_status status = guard(
      [&](picket_status what, std::string_view message) noexcept {
        heard = {what, std::string(message)};
      },
      body);
  return {status, heard};
}

TEST(Guard, a_body_that_returns_is_not_reported) {
  EXPECT_EQ(guarded([] {}).first, PICKET_OK);
  EXPECT_EQ(guarded([] { return picket_status{PICKET_BUSY}; }).first, PICKET_BUSY);
  EXPECT_EQ(guarded([] {}).second.message, "");
}

TEST(Guard, a_failure_keeps_its_status_and_message) {
  const auto [status, heard] = guarded([] { throw Failure("no such port", PICKET_NOT_FOUND); });
  EXPECT_EQ(status, PICKET_NOT_FOUND);
  EXPECT_EQ(heard.status, PICKET_NOT_FOUND);
  EXPECT_EQ(heard.message, "no such port");
}

TEST(Guard, every_other_exception_is_a_failure_too) {
  EXPECT_EQ(guarded([] { throw std::runtime_error("odd"); }).second.message, "odd");
  EXPECT_EQ(guarded([] { throw std::bad_alloc(); }).first, PICKET_LIMIT);
  const auto [status, heard] = guarded([] { throw 7; });
  EXPECT_EQ(status, PICKET_FAILED);
  EXPECT_EQ(heard.message, "an exception that is no std::exception");
}

TEST(Failure, a_status_that_is_no_failure_becomes_one) {
  EXPECT_EQ(Failure("x", PICKET_OK).status(), PICKET_FAILED);
  EXPECT_EQ(Failure("x", PICKET_BUSY).status(), PICKET_FAILED);
}

TEST(SetError, a_long_message_is_cut_and_terminated) {
  picket_error error{};
  set_error(&error, PICKET_INVALID, std::string(1000, 'x'));
  EXPECT_EQ(error.code, PICKET_INVALID);
  EXPECT_EQ(std::string(error.message), std::string(503, 'x'));
}

TEST(SetError, a_cut_does_not_split_a_character) {
  picket_error error{};
  std::string message(502, 'x');
  message += "\xC3\xA9";  // U+00E9: its second byte would be the 504th
  set_error(&error, PICKET_INVALID, message);
  EXPECT_EQ(std::string(error.message), std::string(502, 'x'));
}

TEST(SetError, a_caller_without_an_error_is_fine) {
  EXPECT_NO_THROW(set_error(nullptr, PICKET_FAILED, "unheard"));
}

}  // namespace
}  // namespace picket::detail
