#include "daemon/registry/registry_auth.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

using Scheme = RegistryAuth::Scheme;

RegistryAuth chosen(std::string_view line)
{
  return choose_scheme(parse_challenges({line}));
}

TEST(RegistryAuth, IsBearerWhereverItStands)
{
  for (const auto* line : {R"(Basic realm="x", Bearer realm="https://r/t",service="s")",
                           R"(Bearer realm="https://r/t",service="s", Basic realm="x")"}) {
    const auto auth = chosen(line);
    EXPECT_EQ(auth.scheme, Scheme::bearer) << line;
    EXPECT_EQ(auth.realm, "https://r/t") << line;
    EXPECT_EQ(auth.service, "s") << line;
  }
}

TEST(RegistryAuth, IsBasicWhereBearerHasNoRealm)
{
  EXPECT_EQ(chosen(R"(Bearer service="s", Basic realm="x")").scheme, Scheme::basic);
  EXPECT_EQ(chosen(R"(Bearer realm="", Basic realm="x")").scheme, Scheme::basic);
  EXPECT_EQ(chosen(R"(BASIC realm="x")").scheme, Scheme::basic);
}

TEST(RegistryAuth, NamesWhatIsOfferedWhereNoneIsOurs)
{
  const auto auth = chosen("Negotiate, NTLM abc=");
  EXPECT_EQ(auth.scheme, Scheme::unknown);
  EXPECT_EQ(auth.offered, "negotiate, ntlm");
  EXPECT_EQ(chosen(R"(Bearer service="s")").scheme, Scheme::unknown);
  EXPECT_EQ(chosen("").scheme, Scheme::none);
}

TEST(RegistryAuth, TellsWhatTheServerSaysOfTheLastToken)
{
  const auto auth = chosen(
      R"(Bearer realm="https://r/t",scope="repository:a:push,pull",error="insufficient_scope")");
  EXPECT_EQ(auth.error, "insufficient_scope");
  EXPECT_EQ(auth.scope.text(), "repository:a:pull,push");
}

TEST(RegistryAuth, HasNoScopeWhereTheServersIsTooLong)
{
  std::string scope;
  for (int i = 0; i < 65; ++i)
    scope += "repository:a" + std::to_string(i) + ":pull ";
  const auto auth = chosen("Bearer realm=\"https://r/t\",scope=\"" + scope + "\"");
  EXPECT_EQ(auth.scheme, Scheme::bearer);
  EXPECT_TRUE(auth.scope.empty());
}

} // namespace
} // namespace purser
