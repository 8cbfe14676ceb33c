#include "cli/edit/json_edit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser::cli {
namespace {

std::string after_set(const std::string& text, const JsonPath& path, const nlohmann::json& value)
{
  auto edit = JsonEdit::parse(text);
  if (!edit) return edit.error().what;
  const auto done = edit->set(path, value);
  if (!done) return done.error().what;
  EXPECT_EQ(unspliced(edit->text(), edit->splices()), text);
  return edit->text();
}

std::string after_remove(const std::string& text, const JsonPath& path)
{
  auto edit = JsonEdit::parse(text);
  if (!edit) return edit.error().what;
  const auto done = edit->remove(path);
  if (!done) return done.error().what;
  EXPECT_EQ(unspliced(edit->text(), edit->splices()), text);
  return edit->text();
}

std::string refusal(const std::string& text)
{
  const auto edit = JsonEdit::parse(text);
  return edit ? "accepted" : edit.error().what;
}

const JsonPath k_store{"credsStore"};
const JsonPath k_host{"credHelpers", "a.example"};

TEST(JsonEdit, AMemberIsAddedAsTheLastInTheLayoutOfTheOthers)
{
  EXPECT_EQ(after_set("{\n\t\"auths\": {}\n}", k_store, "x"),
            "{\n\t\"auths\": {},\n\t\"credsStore\": \"x\"\n}");
  EXPECT_EQ(after_set("{\n    \"a\" : 1,\n\n    \"b\" : 2\n}\n", k_store, "x"),
            "{\n    \"a\" : 1,\n\n    \"b\" : 2,\n    \"credsStore\" : \"x\"\n}\n");
  EXPECT_EQ(after_set("{\r\n  \"a\": 1\r\n}\r\n", k_store, "x"),
            "{\r\n  \"a\": 1,\r\n  \"credsStore\": \"x\"\r\n}\r\n");
  EXPECT_EQ(after_set(R"({"a":1,"b":2})", k_store, "x"), R"({"a":1,"b":2,"credsStore":"x"})");
  EXPECT_EQ(after_set(R"({ "a": 1 })", k_store, "x"), R"({ "a": 1, "credsStore": "x" })");
  EXPECT_EQ(after_set("{\n\"a\":1}", k_store, "x"), "{\n\"a\":1,\n\"credsStore\":\"x\"}");
}

TEST(JsonEdit, AnObjectOnTheWayIsMade)
{
  EXPECT_EQ(after_set("{\n  \"a\": 1\n}", k_host, "x"),
            "{\n  \"a\": 1,\n  \"credHelpers\": {\n    \"a.example\": \"x\"\n  }\n}");
  EXPECT_EQ(after_set(R"({"a": 1})", k_host, "x"),
            R"({"a": 1, "credHelpers": {"a.example": "x"}})");
  EXPECT_EQ(after_set("{\n  \"credHelpers\": {},\n  \"a\": 1\n}", k_host, "x"),
            "{\n  \"credHelpers\": {\n    \"a.example\": \"x\"\n  },\n  \"a\": 1\n}");
  EXPECT_EQ(after_set("{\n  \"credHelpers\": null\n}", k_host, "x"),
            "{\n  \"credHelpers\": {\n    \"a.example\": \"x\"\n  }\n}");
  EXPECT_EQ(after_set(R"({"credHelpers":{ }})", k_host, "x"),
            R"({"credHelpers":{"a.example":"x"}})");
}

TEST(JsonEdit, OfAValueThatIsReplacedNothingElseChanges)
{
  EXPECT_EQ(after_set(R"({"credsStore"  :"desktop" ,"a":[1, 2]})", k_store, "x"),
            R"({"credsStore"  :"x" ,"a":[1, 2]})");
  EXPECT_EQ(after_set("\xef\xbb\xbf{\"credsStore\":\"a \\\" }{\"}", k_store, "x"),
            "\xef\xbb\xbf{\"credsStore\":\"x\"}");
  EXPECT_EQ(after_set(R"({"credHelpers":{"a.example":"ecr-login"}})", k_host, "x"),
            R"({"credHelpers":{"a.example":"x"}})");
}

TEST(JsonEdit, WhatIsThereAlreadyIsLeftAsItIs)
{
  auto edit = JsonEdit::parse(R"({ "credsStore":   "x"})").value();
  ASSERT_TRUE(edit.set(k_store, "x"));
  EXPECT_TRUE(edit.splices().empty());
}

TEST(JsonEdit, ATextOfNothingBecomesDockersLayout)
{
  EXPECT_EQ(after_set("", k_store, "x"), "{\n\t\"credsStore\": \"x\"\n}\n");
  EXPECT_EQ(after_set(" \n", k_store, "x"), "{\n\t\"credsStore\": \"x\"\n}\n \n");
  EXPECT_EQ(after_set("{}", k_store, "x"), "{\n\t\"credsStore\": \"x\"\n}");
}

TEST(JsonEdit, AMemberGoesWithItsComma)
{
  EXPECT_EQ(after_remove("{\n\t\"a\": 1,\n\t\"credsStore\": \"x\"\n}", k_store),
            "{\n\t\"a\": 1\n}");
  EXPECT_EQ(after_remove("{\n\t\"credsStore\": \"x\",\n\t\"a\": 1\n}", k_store),
            "{\n\t\"a\": 1\n}");
  EXPECT_EQ(after_remove(R"({"a":1, "credsStore":"x", "b":2})", k_store), R"({"a":1, "b":2})");
  EXPECT_EQ(after_remove("{\n\t\"credsStore\": \"x\"\n}", k_store), "{}");
  EXPECT_EQ(after_remove(R"({"credHelpers":{"a.example":"x"}})", k_host), R"({"credHelpers":{}})");
  EXPECT_EQ(after_remove(R"({"credHelpers":{}})", k_host), R"({"credHelpers":{}})");
}

TEST(JsonEdit, SeveralEditsAreTakenBackTogether)
{
  const std::string text = "{\n  \"auths\": {\"h\": {\"auth\": \"secret\"}},\n  \"z\": 1\n}";
  auto edit = JsonEdit::parse(text).value();
  ASSERT_TRUE(edit.set(k_store, "x"));
  ASSERT_TRUE(edit.set(k_host, "x"));
  ASSERT_TRUE(edit.set({"credHelpers", "b.example"}, "y"));
  ASSERT_TRUE(edit.remove({"z"}));
  EXPECT_EQ(unspliced(edit.text(), edit.splices()), text);
  for (const auto& splice : edit.splices())
    EXPECT_EQ((splice.removed + splice.inserted).find("secret"), std::string::npos);
}

TEST(JsonEdit, WhatIsNoObjectIsNamed)
{
  EXPECT_EQ(after_set(R"({"credHelpers": [1]})", k_host, "x"), "credHelpers is not an object");
  EXPECT_EQ(refusal("[]"), "line 1, column 1: not a JSON object");
  EXPECT_EQ(refusal("\"a\""), "line 1, column 1: not a JSON object");
}

TEST(JsonEdit, ARefusalNamesThePlaceAndNoValue)
{
  EXPECT_EQ(refusal("{\n  \"a\": 1,\n  // mine\n  \"b\": 2\n}"),
            "line 3, column 3: a comment, and JSON has none");
  EXPECT_EQ(refusal("{\n  \"a\": secret\n}"), "line 2, column 8: not valid JSON");
  EXPECT_EQ(refusal("{\"a\": 1,}"), "line 1, column 9: not valid JSON");
  EXPECT_EQ(refusal(R"({"a": 1, "a": "secret"})"),
            "line 1, column 10: the key \"a\" stands twice in one object");
  EXPECT_EQ(
      refusal(std::string(100000, '[')),
      "line 1, column 17: nested more than 16 levels deep; close some of the brackets before it");
  EXPECT_EQ(refusal("{\"a\": \"" + std::string(1 << 20, 'x') + "\"}"), "larger than 1 MiB");
}

TEST(JsonEdit, FindsWhatIsThere)
{
  const auto edit = JsonEdit::parse(R"({"credHelpers": {"a.example": "x"}, "n": 1})").value();
  ASSERT_NE(edit.find(k_host), nullptr);
  EXPECT_EQ(*edit.find(k_host), "x");
  EXPECT_EQ(edit.find({"credHelpers", "b"}), nullptr);
  EXPECT_EQ(edit.find({"n", "b"}), nullptr);
  EXPECT_EQ(edit.find({})->size(), 2U);
}

} // namespace
} // namespace purser::cli
