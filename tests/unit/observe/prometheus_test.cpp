#include "daemon/observe/prometheus.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace purser {
namespace {

TEST(PrometheusText, AFamilyIsItsHelpItsTypeAndItsSamples)
{
  PrometheusText out;
  out.counter("x_total", "How many.");
  out.sample({}, std::uint64_t{18'446'744'073'709'551'615U});
  out.gauge("y", "How much.");
  out.sample({{"a", "1"}, {"b", "2"}}, 0.1);
  EXPECT_EQ(out.text(), "# HELP x_total How many.\n"
                        "# TYPE x_total counter\n"
                        "x_total 18446744073709551615\n"
                        "# HELP y How much.\n"
                        "# TYPE y gauge\n"
                        "y{a=\"1\",b=\"2\"} 0.1\n");
}

TEST(PrometheusText, AHistogramIsCumulativeUpToInfinity)
{
  Histogram<2> values{{0.5, 2}};
  for (const double value : {0.25, 0.5, 1.0, 7.25, 8.0})
    values.observe(value);
  PrometheusText out;
  out.histogram("h", "Spread.");
  out.sample({{"kind", "k"}}, values);
  EXPECT_EQ(out.text(), "# HELP h Spread.\n"
                        "# TYPE h histogram\n"
                        "h_bucket{kind=\"k\",le=\"0.5\"} 2\n"
                        "h_bucket{kind=\"k\",le=\"2\"} 3\n"
                        "h_bucket{kind=\"k\",le=\"+Inf\"} 5\n"
                        "h_sum{kind=\"k\"} 17\n"
                        "h_count{kind=\"k\"} 5\n");
}

TEST(PrometheusText, NothingEndsALineOrALabelBeforeItsTime)
{
  PrometheusText out;
  out.gauge("x", "A \\ and a\nline and a \".");
  out.sample({{"l", "a\"b\\c\nd"}}, 1.0);
  EXPECT_EQ(out.text(), "# HELP x A \\\\ and a\\nline and a \".\n"
                        "# TYPE x gauge\n"
                        "x{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(PrometheusText, NumbersThatAreNoneAreWrittenAsPrometheusReadsThem)
{
  using Limits = std::numeric_limits<double>;
  PrometheusText out;
  out.gauge("x", "");
  for (const double value : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()})
    out.sample({}, value);
  EXPECT_TRUE(out.text().ends_with("\nx NaN\nx +Inf\nx -Inf\n")) << out.text();
}

} // namespace
} // namespace purser
