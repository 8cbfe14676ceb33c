#include "daemon/tokens/token_target.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace purser::test {
namespace {

struct Row {
  std::string_view text;
  std::string_view key;
  std::string_view scopes;
};

TEST(TokenTarget, IsARegistryOrRightsAtOneOfItsRepositories)
{
  constexpr std::array rows{
      Row{"registry.example.com", "registry.example.com", ""},
      Row{"registry.example.com:5000", "registry.example.com:5000", ""},
      Row{"https://Registry.example.com:443/", "registry.example.com", ""},
      Row{"registry.example.com/team/app", "registry.example.com/team/app",
          "repository:team/app:pull"},
      Row{"registry.example.com:5000/app:push,pull", "registry.example.com:5000/app",
          "repository:app:pull,push"},
      Row{"http://localhost:5000/app:delete", "localhost:5000/app", "repository:app:delete"},
      Row{"[::1]:5000/app:*", "[::1]:5000/app", "repository:app:*"},
      Row{"docker.io/alpine", "docker.io/library/alpine", "repository:library/alpine:pull"},
      Row{"docker.io/team/app:push", "docker.io/team/app", "repository:team/app:push"},
      Row{"index.docker.io/alpine:pull", "docker.io/library/alpine",
          "repository:library/alpine:pull"},
  };
  for (const Row& row : rows) {
    const auto target = parse_token_target(row.text);
    ASSERT_TRUE(target) << row.text << ": " << target.error().what;
    EXPECT_EQ(target->key.text(), row.key);
    EXPECT_EQ(target->scopes.text(), row.scopes);
  }
}

TEST(TokenTarget, IsNothingElse)
{
  constexpr std::array<std::string_view, 14> bad{"",
                                                 "/",
                                                 "https://",
                                                 "registry.example.com/app:latest",
                                                 "registry.example.com/app:",
                                                 "registry.example.com/app:pull,",
                                                 "registry.example.com/app:pull:push",
                                                 "registry.example.com/app:pull push",
                                                 "registry.example.com/app@sha256:00",
                                                 "registry.example.com/App",
                                                 "registry.example.com/:pull",
                                                 "ann@registry.example.com/app",
                                                 "registry.example.com/a?b",
                                                 "registry.example.com/../app"};
  for (const std::string_view text : bad) {
    const auto target = parse_token_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, Errc::bad_request) << text;
  }
}

TEST(TokenTarget, KeepsTheActionsInTheirOrder)
{
  EXPECT_EQ(parse_token_target("registry.example.com/app:push,pull")->actions,
            (std::vector<std::string>{"push", "pull"}));
  EXPECT_TRUE(parse_token_target("registry.example.com")->actions.empty());
}

} // namespace
} // namespace purser::test
