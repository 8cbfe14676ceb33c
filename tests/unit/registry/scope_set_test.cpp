#include "daemon/registry/scope_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace purser {
namespace {

ScopeSet scopes(std::string_view text)
{
  auto parsed = ScopeSet::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? std::move(*parsed) : ScopeSet{};
}

// Forms

TEST(ScopeSet, HasOneTextForEqualSets)
{
  struct Case {
    std::string_view asked, text;
  };
  const Case cases[] = {
      {"", ""},
      {"  ", ""},
      {"repository:foo:pull", "repository:foo:pull"},
      {"repository:foo:push,pull,delete", "repository:foo:delete,pull,push"},
      {"repository:foo:push,pull,push,pull", "repository:foo:pull,push"},
      {"repository:foo:pull,*,push", "repository:foo:*"},
      {"repository:foo:,", ""},
      {"repository:foo:", ""},
      {"repository:foo:,pull,", "repository:foo:pull"},
      {"repository:foo:pull repository:bar:push", "repository:bar:push repository:foo:pull"},
      {"repository:foo:pull repository:bar:push repository:foo:push "
       "repository:bar:push,delete,pull repository:bar:delete,pull repository:foo:pull "
       "registry:catalog:* registry:catalog:pull",
       "registry:catalog:* repository:bar:delete,pull,push repository:foo:pull,push"},
      {"unknown repository:foo:pull repository:foo:push unknown",
       "repository:foo:pull,push unknown"},
      {"aws", "aws"},
      {"a:b,a", "a:b,a"}, // one colon: opaque
      {"repository:host:5000/a:push,pull", "repository:host:5000/a:pull,push"},
      {"repository:foo:pull repository:foo-bar:pull",
       "repository:foo-bar:pull repository:foo:pull"},
      {"artifact-repository:repo:pull", "artifact-repository:repo:pull"},
      {"repository(plugin):a:pull repository:a:push",
       "repository(plugin):a:pull repository:a:push"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(scopes(c.asked).text(), c.text) << c.asked;
}

TEST(ScopeSet, RefusesWhatHasNoPlaceInAScope)
{
  for (const auto* text :
       {"repository:a:pull\r\nX: y", "a\nb", "a\tb", "\"", "a\\b", "\x7f", "\xc3\xa4"})
    EXPECT_FALSE(ScopeSet::parse(text)) << text;
  EXPECT_FALSE(ScopeSet::parse(std::string_view("a\0", 2)));
}

TEST(ScopeSet, IsBounded)
{
  std::string many;
  for (int i = 0; i < 64; ++i)
    many += "a" + std::to_string(i) + " ";
  EXPECT_EQ(scopes(many).entries().size(), 64U);
  EXPECT_FALSE(ScopeSet::parse(many + "one"));
  EXPECT_TRUE(ScopeSet::parse(std::string(4096, 'a')));
  EXPECT_FALSE(ScopeSet::parse(std::string(4097, 'a')));
}

TEST(ScopeSet, OfARepositoryTakesNamesAndActionsOnly)
{
  EXPECT_EQ(ScopeSet::repository("team/app", "push,pull")->text(), "repository:team/app:pull,push");
  EXPECT_EQ(ScopeSet::repository("a--b/c__d/e.f", "*")->text(), "repository:a--b/c__d/e.f:*");
  EXPECT_EQ(ScopeSet::catalog().text(), "registry:catalog:*");
  for (const auto* name : {"", "/", "a/", "/a", "a//b", "A", "a b", "a:pull", "a..b", "a___b", "-a",
                           "a-", "a/*", "../a", "a._b"})
    EXPECT_FALSE(ScopeSet::repository(name, "pull")) << name;
  EXPECT_FALSE(ScopeSet::repository(std::string(256, 'a'), "pull"));
  for (const auto* actions :
       {"", ",", "Pull", "pull push", "pull:push", "pull repository:b:push", "**"})
    EXPECT_FALSE(ScopeSet::repository("a", actions)) << actions;
}

TEST(ScopeSet, HasWhatIsNeededMostFirst)
{
  const auto order =
      scopes("repository:a:pull aws repository:z:pull,push registry:catalog:*").by_need();
  EXPECT_EQ(order, (std::vector<std::string>{"registry:catalog:*", "repository:z:pull,push", "aws",
                                             "repository:a:pull"}));
}

// Algebra

TEST(ScopeSet, CoversWhatItHasAllOf)
{
  struct Case {
    std::string_view held, wanted;
    bool covers;
  };
  const Case cases[] = {
      {"repository:a:pull,push", "repository:a:pull", true},
      {"repository:a:pull", "repository:a:pull,push", false},
      {"repository:a:*", "repository:a:delete,pull", true},
      {"repository:a:delete,pull,push", "repository:a:*", false},
      {"repository:a:pull repository:b:pull", "repository:b:pull", true},
      {"repository:a:pull", "repository:b:pull", false},
      {"repository:a:pull", "registry:a:pull", false},
      {"repository:a:push", "repository:a:pull", false}, // Quay: one does not imply the other
      {"aws", "aws", true},
      {"aws", "repository:a:pull", false},
      {"repository:a:*", "aws", false},
      {"repository:a:pull", "", true},
      {"", "repository:a:pull", false},
      {"", "", true},
      {"repository(plugin):a:pull", "repository:a:pull", true},
      {"repository:a:pull", "repository(plugin):a:pull", true},
      {"repository(plugin):a:pull repository:a:push", "repository:a:pull,push", true},
      {"repository:*:pull", "repository:a:pull", false}, // a name, not a pattern
  };
  for (const auto& c : cases)
    EXPECT_EQ(scopes(c.held).covers(scopes(c.wanted)), c.covers) << c.held << " / " << c.wanted;
}

TEST(ScopeSet, KnowsWhetherItIsOnlyReading)
{
  for (const auto* text : {"", "repository:a:pull", "repository:a:pull repository:b:pull",
                           "repository(plugin):a:pull"})
    EXPECT_TRUE(scopes(text).only_pull()) << text;
  for (const auto* text : {"repository:a:pull,push", "repository:a:*", "registry:catalog:*", "aws",
                           "registry:catalog:pull", "repository:a:pull repository:b:delete"})
    EXPECT_FALSE(scopes(text).only_pull()) << text;
}

// Of all draws: few resources and actions, so that they meet.
class Draws {
public:
  std::string text()
  {
    std::string text;
    for (unsigned n = pick(6); n > 0; --n) {
      text += entry();
      text.append(1 + pick(2), ' ');
    }
    return text;
  }
  ScopeSet set() { return scopes(text()); }

private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  std::string entry()
  {
    static const char* const types[] = {"repository", "repository(plugin)", "registry", ""};
    static const char* const names[] = {"a", "b/c", "host:5000/a", ""};
    static const char* const actions[] = {"pull", "push", "delete", "*", ""};
    static const char* const opaque[] = {"aws", "a:b", "*", ":"};
    if (pick(6) == 0) return opaque[pick(4)];
    std::string entry = types[pick(4)];
    entry.append(":").append(names[pick(4)]).append(":");
    for (unsigned n = pick(4); n > 0; --n)
      entry.append(actions[pick(5)]).append(n > 1 ? "," : "");
    return entry;
  }

  std::mt19937_64 random_{20261122}; // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
};

constexpr int k_draws = 5'000;

// Without the classes, which only the text has.
ScopeSet without_classes(const ScopeSet& set)
{
  auto text = set.text();
  for (std::size_t at = 0; (at = text.find("(plugin)")) != std::string::npos;)
    text.erase(at, 8);
  return scopes(text);
}

TEST(ScopeSetProperty, ParsingWhatIsPrintedChangesNothing)
{
  Draws draws;
  for (int i = 0; i < k_draws; ++i) {
    const auto set = draws.set();
    ASSERT_EQ(scopes(set.text()), set) << set.text();
  }
}

TEST(ScopeSetProperty, CoveringIsAPartialOrder)
{
  Draws draws;
  int both = 0;
  int chains = 0;
  for (int i = 0; i < k_draws; ++i) {
    const auto a = draws.set();
    const auto b = draws.set();
    const auto c = draws.set();
    ASSERT_TRUE(a.covers(a)) << a.text();
    if (a.covers(b) && b.covers(a)) {
      ++both;
      ASSERT_EQ(without_classes(a), without_classes(b)) << a.text() << " / " << b.text();
    }
    if (a.covers(b) && b.covers(c)) {
      ++chains;
      ASSERT_TRUE(a.covers(c)) << a.text() << " / " << b.text() << " / " << c.text();
    }
  }
  EXPECT_GT(both, 100);
  EXPECT_GT(chains, 100);
}

TEST(ScopeSetProperty, MergingIsTheLeastThatCoversBoth)
{
  Draws draws;
  int bounds = 0;
  for (int i = 0; i < k_draws; ++i) {
    const auto a = draws.set();
    const auto b = draws.set();
    const auto c = draws.set();
    const auto both = a.merged(b);
    ASSERT_TRUE(both.covers(a) && both.covers(b)) << a.text() << " / " << b.text();
    ASSERT_EQ(both, b.merged(a));
    ASSERT_EQ(both, scopes(a.text() + " " + b.text()));
    ASSERT_EQ(a.merged(a), a);
    ASSERT_EQ(both.merged(c), a.merged(b.merged(c)));
    const bool bound = c.covers(a) && c.covers(b);
    bounds += bound ? 1 : 0;
    ASSERT_EQ(c.covers(both), bound) << a.text() << " / " << b.text() << " / " << c.text();
  }
  EXPECT_GT(bounds, 100);
}

} // namespace
} // namespace purser
