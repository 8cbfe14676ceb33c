#include "daemon/registry/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view k_months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view k_form = "Www, 00 Mmm 0000 00:00:00 GMT";

// -1 where not all of it are digits.
int number(std::string_view text)
{
  int value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, bad] = std::from_chars(text.data(), end, value);
  const bool is_number = bad == std::errc() && stopped == end && text.front() != '-';
  return is_number ? value : -1;
}

bool has_form(std::string_view text)
{
  constexpr std::array<std::size_t, 11> k_marks{3, 4, 7, 11, 16, 19, 22, 25, 26, 27, 28};
  return text.size() == k_form.size() &&
         std::all_of(k_marks.begin(), k_marks.end(),
                     [text](std::size_t at) { return text[at] == k_form[at]; });
}

} // namespace

std::optional<WallTime> parse_http_date(std::string_view text)
{
  if (!has_form(text)) return std::nullopt;
  const auto month = k_months.find(text.substr(8, 3));
  const int day = number(text.substr(5, 2));
  const int year = number(text.substr(12, 4));
  const int hour = number(text.substr(17, 2));
  const int minute = number(text.substr(20, 2));
  const int second = number(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || day < 1 || year < 1970)
    return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 2200 keeps the nanoseconds within 63 bits.
  if (!date.ok() || year > 2200) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::optional<Duration> parse_retry_after(std::string_view text, WallTime now)
{
  constexpr std::string_view k_digits = "0123456789";
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of(k_digits) == std::string_view::npos) {
    const int seconds = number(text); // -1: too large for a number
    return std::clamp<Duration>(seconds < 0 ? 1h : std::chrono::seconds(seconds), 1s, 1h);
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<Duration>(*date - now, 1s, 1h);
}

} // namespace purser
