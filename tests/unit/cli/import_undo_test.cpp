#include "cli/import/import_undo.hpp"

#include <gtest/gtest.h>

namespace purser::cli {
namespace {

const std::string k_original = R"({
  "auths": { "reg.example": {"auth": "YW5uOmZha2U=",   "email": "ann@example"},
             "b.example": {"auth": "b"} },
  "other" : 1
}
)";
const FileRecord k_record{
    "/f", k_original, {{"auths", "reg.example", "auth"}, {"auths", "b.example", "auth"}}};

std::string left()
{
  auto edit = JsonEdit::parse(k_original);
  for (const auto& member : k_record.removed)
    EXPECT_TRUE(edit->remove(member));
  return edit->text();
}

TEST(ImportUndo, AFileThatNobodyEditedComesBackByteForByte)
{
  EXPECT_EQ(left().find("YW5uOmZha2U="), std::string::npos);
  const auto text = restored(k_record, left());
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->exact);
  EXPECT_EQ(text->text, k_original);
}

TEST(ImportUndo, WhatWasRestoredAlreadyStays)
{
  const auto text = restored(k_record, k_original);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->exact);
  EXPECT_EQ(text->text, k_original);
}

TEST(ImportUndo, EditsSinceThenStay)
{
  auto edit = JsonEdit::parse(left());
  ASSERT_TRUE(edit->set({"other"}, 2));
  ASSERT_TRUE(edit->remove({"auths", "b.example"}));
  const auto text = restored(k_record, edit->text());
  ASSERT_TRUE(text);
  EXPECT_FALSE(text->exact);
  EXPECT_EQ(text->missing, 1U);
  const auto json = nlohmann::json::parse(text->text);
  EXPECT_EQ(json["auths"]["reg.example"]["auth"], "YW5uOmZha2U=");
  EXPECT_EQ(json["auths"].contains("b.example"), false);
  EXPECT_EQ(json["other"], 2);
}

TEST(ImportUndo, ANewLoginIsNotOverwritten)
{
  auto edit = JsonEdit::parse(left());
  ASSERT_TRUE(edit->set({"auths", "reg.example", "auth"}, "bmV3Om5ldw=="));
  const auto text = restored(k_record, edit->text());
  ASSERT_TRUE(text);
  EXPECT_EQ(nlohmann::json::parse(text->text)["auths"]["reg.example"]["auth"], "bmV3Om5ldw==");
}

TEST(ImportUndo, WhatIsNoJsonAnyMoreIsLeftAlone)
{
  EXPECT_FALSE(restored(k_record, "{"));
}

} // namespace
} // namespace purser::cli
