#include "cli/terminal/look.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace purser::cli {
namespace {

constexpr std::size_t k_min_columns = 20;
constexpr std::size_t k_max_columns = 1000;

std::size_t number_in(const std::string& text)
{
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::size_t bounded(std::size_t columns)
{
  return columns < k_min_columns   ? k_min_columns
         : columns > k_max_columns ? k_max_columns
                                   : columns;
}

} // namespace

Look look_of(const Surroundings& surroundings, ColourWish wish)
{
  const std::string kind = surroundings.variable("TERM");
  const bool dumb = kind.empty() || kind == "dumb";
  const bool unwanted = !surroundings.variable("NO_COLOR").empty();
  Look look;
  look.terminal = surroundings.is_terminal || wish == ColourWish::always;
  look.colour = wish == ColourWish::always ||
                (wish == ColourWish::automatic && surroundings.is_terminal && !dumb && !unwanted);
  look.utf8 = surroundings.utf8_locale;
  std::size_t columns = surroundings.columns;
  if (columns == 0) columns = number_in(surroundings.variable("COLUMNS"));
  if (columns != 0) look.columns = bounded(columns);
  if (surroundings.rows != 0) look.rows = surroundings.rows;
  return look;
}

Look look_at(int fd, ColourWish wish)
{
  Surroundings here;
  here.is_terminal = ::isatty(fd) != 0;
  winsize size{};
  if (here.is_terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0) {
    here.columns = size.ws_col;
    here.rows = size.ws_row;
  }
  here.utf8_locale = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  here.variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  return look_of(here, wish);
}

ColourWish colour_wish(std::string_view word)
{
  if (word == "always") return ColourWish::always;
  return word == "never" ? ColourWish::never : ColourWish::automatic;
}

} // namespace purser::cli
