#include "daemon/registry/challenge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser {
namespace {

// `scheme{name=value|name=value}` of each, with a space between them.
std::string read(const std::vector<std::string_view>& lines)
{
  std::string text;
  for (const auto& challenge : parse_challenges(lines)) {
    if (!text.empty()) text += ' ';
    text += challenge.scheme + '{';
    for (const auto& param : challenge.params) {
      if (!text.ends_with('{')) text += '|';
      text.append(param.name).append("=").append(param.value);
    }
    text += '}';
  }
  return text;
}

struct Case {
  std::string_view line, read;
};

void expect(const std::vector<Case>& cases)
{
  for (const auto& c : cases)
    EXPECT_EQ(read({c.line}), c.read) << c.line;
}

TEST(Challenge, HasCommasSpacesEqualsAndQuotesInsideItsQuotes)
{
  EXPECT_EQ(read({R"(Bearer realm="http://127.0.0.1:5057/token",service="my,registry \"q\"",)"
                  R"(scope="repository:a/b:push,pull repository:c/d:pull")"}),
            R"(bearer{realm=http://127.0.0.1:5057/token|service=my,registry "q"|)"
            R"(scope=repository:a/b:push,pull repository:c/d:pull})");
}

TEST(Challenge, HasNamesInAnyCaseAndValuesInTheirOwn)
{
  expect({{R"(BASIC realm="Sonatype Nexus Repository Manager")",
           "basic{realm=Sonatype Nexus Repository Manager}"},
          {R"(bEaReR REALM="X",Service=aBc)", "bearer{realm=X|service=aBc}"}});
}

TEST(Challenge, OfOneLineIsToldFromTheNext)
{
  expect({{R"(Negotiate, Basic realm="x", Bearer realm="y",service="z")",
           "negotiate{} basic{realm=x} bearer{realm=y|service=z}"},
          {R"(Basic realm="x",Bearer realm="y")", "basic{realm=x} bearer{realm=y}"},
          {"Basic", "basic{}"},
          {"Negotiate, NTLM", "negotiate{} ntlm{}"}});
}

TEST(Challenge, WithAToken68HasNoParametersAndBreaksNothing)
{
  expect({{R"(Negotiate YII+/abc==, Bearer realm="y")", "negotiate{} bearer{realm=y}"},
          {R"(Negotiate YII , Basic realm="y")", "negotiate{} basic{realm=y}"},
          {"NTLM TlRMTVNTUAAB", "ntlm{}"}});
}

TEST(Challenge, MayHaveBlanksAndEmptyElements)
{
  expect({{"  , , Bearer  realm = \"x\" ,, service\t=\t\"y\" , ", "bearer{realm=x|service=y}"},
          {R"(,Basic realm="x",,)", "basic{realm=x}"},
          {R"(Bearer realm="x",error="")", "bearer{realm=x|error=}"},
          {R"(Bearer error="",realm="x")", "bearer{error=|realm=x}"},
          {"", ""},
          {" , ", ""}});
}

TEST(Challenge, TakesABackslashForTheCharacterBehindIt)
{
  expect({{R"(Bearer realm="\x\\\"\n")", R"(bearer{realm=x\"n})"}});
}

TEST(Challenge, OfSeveralLinesIsWhatOneLineWouldSay)
{
  EXPECT_EQ(read({R"(Basic realm="x")", R"(Bearer realm="y",service="z")"}),
            "basic{realm=x} bearer{realm=y|service=z}");
  EXPECT_EQ(read({R"(Bearer realm="y")", R"(service="z")"}), "bearer{realm=y|service=z}");
}

TEST(Challenge, ThatIsMalformedIsLeftOutAndTheOthersStay)
{
  expect({
      {R"(Basic realm="x", Bearer realm="y)", "basic{realm=x}"}, // an open quote
      {R"(Bearer realm="y"junk, Basic realm="x")", "basic{realm=x}"},
      {R"(Bearer realm="y" service="z", Basic realm="x")", "basic{realm=x}"}, // no comma
      {R"(Bearer realm=https://y, Basic realm="x")", "basic{realm=x}"},       // not a token
      {R"(Bearer "y", Basic realm="x")", "basic{realm=x}"},
      {R"(Bearer"y", Basic realm="x")", "basic{realm=x}"},
      {R"(Bearer realm="y", =z, Basic realm="x")", "basic{realm=x}"},
      {R"(Bearer realm=, Basic realm="x")", "bearer{} basic{realm=x}"}, // `realm=` is a token68
      {R"(Bearer realm="y", service=, Basic realm="x")", "basic{realm=x}"},
      {"Bearer realm=\"y\r\nX: z\", Basic realm=\"x\"", "basic{realm=x}"},
      {std::string_view("Bearer realm=\"y\0\", Basic realm=\"x\"", 34), "basic{realm=x}"},
      {R"(Bearer realm="y)", ""},
      {R"(Bearer realm="y\)", ""},
      {R"(realm="y")", ""},
      {"=,=,\"", ""},
  });
}

TEST(Challenge, WithAMalformedParameterKeepsNoneOfTheOthers)
{
  expect({{R"(Bearer service="a"junk, realm="y", scope="s", Basic realm="x")", "basic{realm=x}"}});
}

TEST(Challenge, WithTwoRealmsIsLeftOutAndOfAnotherParameterTheFirstCounts)
{
  expect(
      {{R"(Bearer realm="https://good",realm="https://evil", Basic realm="x")", "basic{realm=x}"}});
  const auto twice = parse_challenges({R"(Bearer realm="y",service="a",SERVICE="b")"});
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_EQ(twice[0].param("service"), "a");
  EXPECT_EQ(twice[0].param("scope"), std::nullopt);
}

TEST(Challenge, IsReadOnlyAsFarAsTheLimits)
{
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "Basic, ";
  EXPECT_EQ(parse_challenges({many}).size(), 16U);

  const std::string at_limit = "Bearer realm=\"" + std::string((8 << 10) - 15, 'x') + "\"";
  EXPECT_EQ(parse_challenges({at_limit}).size(), 1U);
  EXPECT_EQ(parse_challenges({at_limit, "Basic"}).size(), 1U);
  EXPECT_TRUE(parse_challenges({at_limit + " "}).empty());
}

} // namespace
} // namespace purser
