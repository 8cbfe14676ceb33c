#include "cli/edit/json_edit.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

// Random documents of few keys, so that random paths meet them, in a random layout.
class Documents {
public:
  explicit Documents(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end)
  {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  std::string key()
  {
    static const std::vector<std::string> keys{"auths", "a\"b", "credHelpers", "{", "\\", "ü", ""};
    return keys[below(keys.size())];
  }

  JsonPath path()
  {
    JsonPath path;
    for (std::size_t i = below(3) + 1; i > 0; --i)
      path.push_back(key());
    return path;
  }

  Json value(std::size_t depth)
  {
    static const std::vector<Json> leaves{nullptr,           true,   -1.5e3,        "text",
                                          "a \\ \" } ] , :", "\n\t", Json::array(), Json::object()};
    const auto kind = depth == 0 ? 0 : below(4);
    if (kind < 2) return leaves[below(leaves.size())];
    Json made = kind == 2 ? Json::array() : Json::object();
    for (std::size_t i = below(4); i > 0; --i) {
      auto inner = value(depth - 1);
      if (kind == 2)
        made.push_back(std::move(inner));
      else
        made[key()] = std::move(inner);
    }
    return made;
  }

  Json object()
  {
    Json made = Json::object();
    for (std::size_t i = below(5); i > 0; --i)
      made[key()] = value(3);
    return made;
  }

  // White space where JSON allows it.
  std::string space()
  {
    static const std::vector<std::string> spaces{"", "", " ", "\n", "\n\t", "\r\n  ", "\n\n    "};
    return spaces[below(spaces.size())];
  }

  std::string written(const Json& value)
  {
    if (!value.is_structured()) return value.dump();
    const bool object = value.is_object();
    std::string text = object ? "{" : "[";
    for (const auto& [name, member] : value.items()) {
      if (text.size() > 1) text += ",";
      text += space();
      if (object) text += Json(name).dump() + space() + ":" + space();
      text += written(member) + space();
    }
    return text + space() + (object ? "}" : "]");
  }

private:
  std::mt19937 random_;
};

Json reference_set(Json document, const JsonPath& path, const Json& value, bool& possible)
{
  auto* place = &document;
  for (const auto& key : path) {
    possible = possible && (place->is_object() || place->is_null());
    if (!possible) return document;
    place = &(*place)[key];
  }
  *place = value;
  return document;
}

Json reference_remove(Json document, const JsonPath& path)
{
  auto* place = &document;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (!place->is_object() || !place->contains(path[i])) return document;
    place = &(*place)[path[i]];
  }
  if (place->is_object()) place->erase(path.back());
  return document;
}

TEST(JsonEditProperty, EditsMeanWhatTheyMeanForTheParsedValue)
{
  for (unsigned seed = 0; seed < 1000; ++seed) {
    Documents random(seed);
    const auto text = random.space() + random.written(random.object()) + random.space();
    auto edit = JsonEdit::parse(text);
    ASSERT_TRUE(edit) << text;
    auto expected = Json::parse(text);
    for (int i = 0; i < 4; ++i) {
      const auto path = random.path();
      bool possible = true;
      if (random.below(3) == 0) {
        expected = reference_remove(expected, path);
        ASSERT_TRUE(edit->remove(path));
      } else {
        const auto value = random.value(2);
        const auto wanted = reference_set(expected, path, value, possible);
        const auto done = edit->set(path, value);
        ASSERT_EQ(done.has_value(), possible) << text;
        if (possible) expected = wanted;
      }
      ASSERT_EQ(Json::parse(edit->text()), expected) << "seed " << seed << '\n' << text;
    }
    ASSERT_EQ(unspliced(edit->text(), edit->splices()), text) << "seed " << seed;
  }
}

// A member's bytes, and what stands before the first and after the last one.
TEST(JsonEditProperty, BytesOfOtherMembersStay)
{
  for (unsigned seed = 0; seed < 1000; ++seed) {
    Documents random(seed);
    const auto text = random.space() + random.written(random.object()) + random.space();
    auto edit = JsonEdit::parse(text).value();
    const auto path = random.path();
    if (!edit.set(path, "new")) continue;
    const auto root = [](const std::string& of) { return json_object_at(of, of.find('{')); };
    const auto before = root(text);
    const auto after = root(edit.text());
    for (const auto& member : before.members) {
      if (member.key == path.front()) continue;
      const auto* same = after.find(member.key);
      ASSERT_NE(same, nullptr);
      EXPECT_EQ(edit.text().substr(same->key_begin, same->value_end - same->key_begin),
                text.substr(member.key_begin, member.value_end - member.key_begin));
    }
    EXPECT_EQ(edit.text().substr(0, after.open), text.substr(0, before.open));
    EXPECT_EQ(edit.text().substr(after.close), text.substr(before.close));
  }
}

} // namespace
} // namespace purser::cli
