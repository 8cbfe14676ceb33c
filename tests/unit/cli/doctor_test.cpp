#include "cli/doctor.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

std::string shown(const Json& report)
{
  std::ostringstream out;
  print_doctor(report, out);
  return out.str();
}

TEST(Doctor, ShowsALineForEachStepAndTheConclusion)
{
  EXPECT_EQ(shown(Json::parse(R"({
              "steps": [{"topic": "daemon", "state": "ok", "text": "purserd 0.1.0"},
                        {"topic": "source", "state": "absent", "text": "keys: not set"}],
              "conclusion": "A get is answered with a token of prod"})")),
            "WHAT    STATE   FINDING\n"
            "daemon  ok      purserd 0.1.0\n"
            "source  absent  keys: not set\n"
            "\n"
            "A get is answered with a token of prod\n");
}

TEST(Doctor, DoesNotLetANameCommandTheTerminal)
{
  const auto text =
      shown(Json{{"steps", {{{"topic", "a\x1b"}, {"state", "b\n"}, {"text", "c\x1b[31m\u009bd"}}}},
                 {"conclusion", "e\x1b]0;f\x07"}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("c?[31m?d\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\ne?]0;f?\n"), std::string::npos) << text;
}

TEST(Doctor, ReadsAnAnswerOfAnotherVersion)
{
  EXPECT_EQ(shown(Json::parse(R"({"steps": [{"topic": 7}, 3], "conclusion": []})")),
            "WHAT  STATE  FINDING\n"
            "7     -      -\n"
            "\n"
            "-\n");
}

TEST(Doctor, EveryOutcomeHasItsExitCode)
{
  const auto code = [](const Json& outcome) {
    return static_cast<int>(exit_code_of(Json{{"outcome", outcome}}));
  };
  EXPECT_EQ(code("ok"), 0);
  EXPECT_EQ(code("unknown"), 1);
  EXPECT_EQ(code("no_daemon"), 3);
  EXPECT_EQ(code("configuration"), 4);
  EXPECT_EQ(code("no_credentials"), 5);
  EXPECT_EQ(code("failed"), 6);
  EXPECT_EQ(code("something newer"), 1);
  EXPECT_EQ(code(nullptr), 1);
}

} // namespace
} // namespace purser::cli
