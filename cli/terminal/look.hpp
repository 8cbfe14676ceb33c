#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace purser::cli {

enum class ColourWish { automatic, always, never };

// How something is to be shown where it is written to.
struct Look {
  bool terminal = false; // laid out for people; else for pipes, as it always was
  bool colour = false;
  bool utf8 = false; // what is not ASCII can be shown
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// What decides, so that tests can say it.
struct Surroundings {
  bool is_terminal = false;
  std::size_t columns = 0; // as the terminal says; 0: it does not
  std::size_t rows = 0;
  bool utf8_locale = false;
  std::function<std::string(const char*)> variable; // empty where it is not set
};

// NO_COLOR and TERM=dumb are respected; ColourWish::always is stronger than both, and also asks for
// the layout of a terminal in a pipe. COLUMNS counts where no terminal says how wide it is.
[[nodiscard]] Look look_of(const Surroundings& surroundings, ColourWish wish);

// Of what this process writes to `fd` in its environment. The locale must have been set.
[[nodiscard]] Look look_at(int fd, ColourWish wish);

// "auto", "always" or "never", which the parser has checked.
[[nodiscard]] ColourWish colour_wish(std::string_view word);

} // namespace purser::cli
