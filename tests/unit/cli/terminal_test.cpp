#include "cli/printable.hpp"
#include "cli/status_screen.hpp"
#include "cli/terminal/bar.hpp"
#include "cli/terminal/line.hpp"
#include "cli/terminal/live_screen.hpp"
#include "cli/terminal/look.hpp"
#include "cli/terminal/text_width.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <map>
#include <string>

namespace purser::cli {
namespace {

Look look_in(std::map<std::string, std::string> variables,
             ColourWish wish = ColourWish::automatic,
             bool terminal = true,
             std::size_t columns = 80)
{
  Surroundings here;
  here.is_terminal = terminal;
  here.columns = columns;
  here.utf8_locale = true;
  here.variable = [variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
  return look_of(here, wish);
}

TEST(Look, ColoursAreForTerminalsThatHaveThem)
{
  EXPECT_TRUE(look_in({{"TERM", "xterm"}}).colour);
  EXPECT_FALSE(look_in({{"TERM", "dumb"}}).colour);
  EXPECT_FALSE(look_in({}).colour);
  EXPECT_FALSE(look_in({{"TERM", "xterm"}, {"NO_COLOR", "1"}}).colour);
  EXPECT_TRUE(look_in({{"TERM", "xterm"}, {"NO_COLOR", ""}}).colour);
  EXPECT_FALSE(look_in({{"TERM", "xterm"}}, ColourWish::automatic, false).colour);
  EXPECT_FALSE(look_in({{"TERM", "xterm"}}, ColourWish::never).colour);
  EXPECT_TRUE(look_in({{"NO_COLOR", "1"}}, ColourWish::always, false).colour);
}

TEST(Look, ATerminalSaysHowWideItIsAndElseColumnsDoes)
{
  EXPECT_EQ(look_in({{"COLUMNS", "200"}}).columns, 80U);
  EXPECT_EQ(look_in({{"COLUMNS", "200"}}, ColourWish::always, false, 0).columns, 200U);
  EXPECT_EQ(look_in({{"COLUMNS", "nonsense"}}, ColourWish::always, false, 0).columns, 80U);
  EXPECT_EQ(look_in({}, ColourWish::automatic, true, 3).columns, 20U);
}

TEST(Bar, TakesItsColumnsWhateverIsFull)
{
  for (const double share : {-1.0, 0.0, 0.001, 0.3, 0.5, 0.999, 1.0, 7.0}) {
    EXPECT_EQ(bar(share, 10, false).size(), 10U) << share;
    EXPECT_EQ(columns_of(std::string_view(bar(share, 10, true))), 10U) << share;
  }
  EXPECT_EQ(bar(0.5, 10, false), "#####.....");
}

TEST(Bar, OnlyNothingLooksEmptyAndOnlyTheWholeLooksFull)
{
  EXPECT_EQ(bar(0, 4, false), "....");
  EXPECT_EQ(bar(0.0001, 4, false), "#...");
  EXPECT_EQ(bar(0.9999, 4, false), "###.");
  EXPECT_EQ(bar(1, 4, false), "####");
  EXPECT_EQ(bar(0.0001, 2, true), "\u258f\u2591");
  EXPECT_EQ(bar(0.9999, 2, true), "\u2588\u2589");
}

TEST(TextWidth, CountsLettersAsATerminalDoes)
{
  ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
  EXPECT_EQ(columns_of(std::string_view("abc")), 3U);
  EXPECT_EQ(columns_of(std::string_view("\u00e9")), 1U);
  EXPECT_EQ(columns_of(std::string_view("\u6f22")), 2U);
  EXPECT_EQ(columns_of(std::string_view("\xff\xc3")), 2U); // no UTF-8: a column each
  EXPECT_EQ(clipped("a\u6f22b", 2), "a");
  EXPECT_EQ(shortened("abcdef", 4, false), "a...");
  EXPECT_EQ(shortened("abcdef", 4, true), "abc\u2026");
  std::setlocale(LC_CTYPE, "C");
}

TEST(TextWidth, BreaksAtBlanksAndElseAnywhere)
{
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("abcdefghij k", 4), (Lines{"abcd", "efgh", "ij k"}));
  EXPECT_TRUE(wrapped("", 4).empty());
}

TEST(Line, IsNeverWiderThanTheTerminal)
{
  Look look;
  look.terminal = true;
  look.columns = 6;
  EXPECT_EQ(rendered({Piece("abc"), Piece("defg")}, look), "abcdef");
  look.terminal = false;
  EXPECT_EQ(rendered({Piece("abc"), Piece("defg  ")}, look), "abcdefg");
}

// As it is printed, for each width.
std::string folded_text(std::size_t columns)
{
  Look look;
  look.terminal = true;
  look.columns = columns;
  std::string text;
  for (const Line& line :
       folded({Piece("2026-01-02T03:04:05Z  "), Piece("info     "), Piece("unlocked by ann")}, 2,
              look))
    text += rendered(line, look) + "\n";
  return text;
}

TEST(Line, FoldedLosesNoLetter)
{
  EXPECT_EQ(folded_text(46), "2026-01-02T03:04:05Z  info     unlocked by ann\n");
  EXPECT_EQ(folded_text(45), "2026-01-02T03:04:05Z  info     unlocked by\n  ann\n");
  EXPECT_EQ(folded_text(39), "2026-01-02T03:04:05Z  info     unlocked\n  by ann\n");
  for (const std::size_t columns : {38U, 32U, 31U, 30U, 26U})
    EXPECT_EQ(folded_text(columns), "2026-01-02T03:04:05Z  info\n  unlocked by ann\n") << columns;
  EXPECT_EQ(folded_text(20), "2026-01-02T03:04:05Z\ninfo     unlocked by\n  ann\n");
}

TEST(Line, WithoutUtf8OnlyAsciiIsShown)
{
  Look look;
  look.terminal = true;
  EXPECT_EQ(rendered({Piece("caf\u00e9 \u6f22")}, look), "caf? ?");
}

TEST(Frame, ClearsBehindLinesAndBelowThemAndNothingElse)
{
  Look look;
  look.terminal = true;
  look.columns = 3;
  look.rows = 3;
  EXPECT_EQ(frame_of({{Piece("ab")}, {Piece("abc")}}, look),
            "\x1b[?2026h\x1b[Hab\x1b[K\r\nabc\r\n\x1b[J\x1b[?2026l");
  look.rows = 1; // the last row of the terminal: nothing may scroll
  EXPECT_EQ(frame_of({{Piece("ab")}, {Piece("abc")}}, look),
            "\x1b[?2026h\x1b[Hab\x1b[K\x1b[?2026l");
}

TEST(Printable, TurnsNoTextAround)
{
  EXPECT_EQ(printable("a\u202eb\u2066c\u2028d"), "a?b?c?d");
  EXPECT_EQ(printable("\u2026\u2588"), "\u2026\u2588");
}

TEST(StatusScreen, FitsWhateverTheWidth)
{
  const auto status = nlohmann::json::parse(R"({"version": "1", "entries": [
    {"registries": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com"], "source": "profile production-of-the-team",
     "state": "due", "age_seconds": 25200, "remaining_seconds": 18000, "next_attempt_in_seconds": 40,
     "last_error": "a long reason that has to go on in the next line where there is no room for it"},
    {"registries": ["x"], "state": "none"}, {}]})");
  for (std::size_t columns = 20; columns <= 250; ++columns) {
    Look look;
    look.terminal = true;
    look.columns = columns;
    for (const bool verbose : {false, true})
      for (const Line& line : status_screen(status, verbose, look))
        EXPECT_LE(rendered(line, look).size(), columns);
  }
}

} // namespace
} // namespace purser::cli
