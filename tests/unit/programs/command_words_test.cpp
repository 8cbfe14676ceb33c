#include "daemon/programs/command_words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

// "one|two", or the error.
std::string split(std::string_view command)
{
  const auto words = split_command(command);
  if (!words) return "error: " + words.error().what;
  std::string text;
  for (const auto& word : *words)
    text += (text.empty() ? "" : "|") + std::string(word.reveal());
  return text;
}

TEST(CommandWordsTest, BlanksSeparate)
{
  EXPECT_EQ(split("aws  configure\texport-credentials \n"), "aws|configure|export-credentials");
  EXPECT_EQ(split("  /usr/bin/mint"), "/usr/bin/mint");
}

TEST(CommandWordsTest, QuotationMarksKeepThem)
{
  EXPECT_EQ(split("'/opt/my tools/mint' \"a b\" c' 'd"), "/opt/my tools/mint|a b|c d");
  EXPECT_EQ(split("a '' b"), "a||b");
  EXPECT_EQ(split("'a\"b' \"c'd\""), "a\"b|c'd");
}

TEST(CommandWordsTest, ABackslashKeepsTheNextCharacter)
{
  EXPECT_EQ(split(R"(a\ b \\ \' \")"), "a b|\\|'|\"");
  EXPECT_EQ(split(R"("a\"b\\c\d")"), R"(a"b\c\d)");
  EXPECT_EQ(split(R"('a\b')"), R"(a\b)");
}

TEST(CommandWordsTest, NothingElseIsSpecial)
{
  EXPECT_EQ(split("a; b | c & $HOME ~ * `d` #e (f) <g >h"),
            "a;|b|||c|&|$HOME|~|*|`d`|#e|(f)|<g|>h");
}

TEST(CommandWordsTest, WhatCannotBeSplitIsAnError)
{
  EXPECT_EQ(split("a 'b"), "error: has a quotation mark without its partner");
  EXPECT_EQ(split("a \"b\\\""), "error: has a quotation mark without its partner");
  EXPECT_EQ(split("a \\"), "error: ends with a backslash");
  EXPECT_EQ(split(" \t "), "error: names no program");
}

} // namespace
} // namespace purser
