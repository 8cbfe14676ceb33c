#include "daemon/formats/iso_time.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace purser::aws {
namespace {
using namespace std::chrono;

constexpr WallTime k_four_o_clock = sys_days(year(2026) / 8 / 20) + hours(16);

struct Good {
  std::string_view text;
  WallTime expected;
};

constexpr std::array k_good{
    Good{"2026-08-20T16:00:00Z", k_four_o_clock},
    Good{"2026-08-20T16:00:00+00:00", k_four_o_clock},
    Good{"2026-08-20T16:00:00UTC", k_four_o_clock}, // the AWS CLI's cache of SSO tokens
    Good{"2026-08-20T16:00:00.000Z", k_four_o_clock},
    Good{"2026-08-20T16:00:00.999999Z", k_four_o_clock},
    Good{"2026-08-20T16:00:00.5+00:00", k_four_o_clock},
    Good{"2026-08-20T16:59:60Z", k_four_o_clock + hours(1)}, // a leap second
    Good{"2028-02-29T23:59:59Z", WallTime(sys_days(year(2028) / 3 / 1) - seconds(1))},
    Good{"1970-01-01T00:00:00Z", WallTime{}},
    Good{"2199-12-31T00:00:00Z", WallTime(sys_days(year(2199) / 12 / 31))},
};

constexpr std::array<std::string_view, 33> k_bad{
    "",
    "Z",
    "2026-08-20",
    "2026-08-20T16:00:00",
    "2026-08-20T16:00Z",
    "2026-08-20 16:00:00Z",
    "2026-08-20t16:00:00Z",
    "2026-08-20T16:00:00z",
    "2026-08-20T16:00:00+01:00",
    "2026-08-20T16:00:00-00:00",
    "2026-08-20T16:00:00CET",
    "2026-08-20T16:00:00.Z",
    "2026-08-20T16:00:00.5",
    "2026-08-20T16:00:00,5Z",
    "2026-08-20T16:00:00.5.5Z",
    "2026-08-20T16:00:00ZZ",
    "2026-08-20T16:00:00Z ",
    " 2026-08-20T16:00:00Z",
    "2026-02-29T16:00:00Z",
    "2026-00-20T16:00:00Z",
    "2026-13-20T16:00:00Z",
    "2026-08-00T16:00:00Z",
    "2026-08-32T16:00:00Z",
    "2026-08-20T24:00:00Z",
    "2026-08-20T16:60:00Z",
    "2026-08-20T16:00:61Z",
    "1969-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "+026-08-20T16:00:00Z",
    "2026-+8-20T16:00:00Z",
    "2026-08-20T-1:00:00Z",
    "20260820T160000Z",
    "1787241600",
};

TEST(IsoTime, IsRead)
{
  for (const auto& row : k_good)
    EXPECT_EQ(parse_iso_time(row.text), row.expected) << row.text;
}

TEST(IsoTime, OtherTextsAreNone)
{
  for (const auto text : k_bad)
    EXPECT_FALSE(parse_iso_time(text)) << '"' << text << '"';
}

TEST(IsoTime, NoBeginningOfOneIsOne)
{
  const std::string whole = "2026-08-20T16:00:00.5+00:00";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_iso_time(whole.substr(0, size))) << size;
}

} // namespace
} // namespace purser::aws
