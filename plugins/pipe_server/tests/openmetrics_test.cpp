// SPDX-License-Identifier: Apache-2.0
//
// The page, held against the format: openmetrics.io, version 1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "openmetrics.hpp"

namespace picket::pipe_server {
namespace {

using RowType = MetricRow::Type;

TEST(OpenMetrics, an_empty_page_has_its_end) {
  EXPECT_EQ(openmetrics_page({}), "# EOF\n");
}

TEST(OpenMetrics, each_type_has_its_samples) {
  EXPECT_EQ(openmetrics_page({{RowType::counter, "http.requests", "{request}", "Requests", {{"code", "200"}}, 7},
                              {RowType::gauge, "queue.size", "By", "", {}, 0.5},
                              {RowType::summary, "took", "s", "Time", {}, 1.5, 3}}),
            "# TYPE http_requests counter\n# HELP http_requests Requests\nhttp_requests_total{code=\"200\"} 7\n"
            "# TYPE queue_size_bytes gauge\n# UNIT queue_size_bytes bytes\nqueue_size_bytes 0.5\n"
            "# TYPE took_seconds summary\n# UNIT took_seconds seconds\n# HELP took_seconds Time\n"
            "took_seconds_count 3\ntook_seconds_sum 1.5\n# EOF\n");
}

TEST(OpenMetrics, the_series_of_a_name_stand_together) {
  EXPECT_EQ(openmetrics_page({{RowType::counter, "a", "", "", {{"k", "1"}}, 1},
                              {RowType::gauge, "b", "", "", {}, 1},
                              {RowType::counter, "a", "", "", {{"k", "2"}}, 2}}),
            "# TYPE a counter\na_total{k=\"1\"} 1\na_total{k=\"2\"} 2\n# TYPE b gauge\nb 1\n# EOF\n");
}

TEST(OpenMetrics, texts_are_escaped) {
  EXPECT_EQ(openmetrics_page({{RowType::gauge, "a", "", "x \\ \" \n y", {{"k", "1\n\"\\"}}, 1}}),
            "# TYPE a gauge\n# HELP a x \\\\ \\\" \\n y\na{k=\"1\\n\\\"\\\\\"} 1\n# EOF\n");
}

TEST(OpenMetrics, names_become_names) {
  EXPECT_EQ(openmetrics_name("http.server-requests/s"), "http_server_requests_s");
  EXPECT_EQ(openmetrics_name("5xx"), "_5xx");
  EXPECT_EQ(openmetrics_name(""), "_");
  EXPECT_EQ(openmetrics_page({{RowType::counter, "x.total", "", "", {{"a.b", "1"}, {"a_b", "2"}, {"a:b", "3"}}, 1}}),
            "# TYPE x counter\nx_total{a_b=\"1\",a_b_2=\"2\",a_b_3=\"3\"} 1\n# EOF\n");
}

TEST(OpenMetrics, two_types_do_not_share_a_name) {
  EXPECT_EQ(openmetrics_page({{RowType::counter, "a.b", "", "", {}, 1}, {RowType::gauge, "a_b", "", "", {}, 2}}),
            "# TYPE a_b counter\na_b_total 1\n# TYPE a_b_gauge gauge\na_b_gauge 2\n# EOF\n");
}

TEST(OpenMetrics, numbers) {
  EXPECT_EQ(openmetrics_number(1), "1");
  EXPECT_EQ(openmetrics_number(0.1), "0.1");
  EXPECT_EQ(openmetrics_number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(openmetrics_number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(openmetrics_number(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

}  // namespace
}  // namespace picket::pipe_server
