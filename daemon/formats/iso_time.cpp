#include "daemon/formats/iso_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace purser {
namespace {

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// The number that `size` digits at `at` make.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t size)
{
  int value = 0;
  for (const char c : text.substr(at, size)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is_zone(std::string_view text)
{
  if (text.starts_with('.')) {
    const auto end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
  return text == "Z" || text == "+00:00" || text == "UTC";
}

} // namespace

std::optional<WallTime> parse_iso_time(std::string_view text)
{
  constexpr std::string_view k_form = "....-..-..T..:..:..";
  if (text.size() <= k_form.size() || !is_zone(text.substr(k_form.size()))) return std::nullopt;
  for (std::size_t i = 0; i < k_form.size(); ++i)
    if (k_form[i] != '.' && k_form[i] != text[i]) return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;

  using namespace std::chrono;
  const year_month_day date{std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *year > 2199 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return WallTime(sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second));
}

std::string iso_text(WallTime time)
{
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

} // namespace purser
