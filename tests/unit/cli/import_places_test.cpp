#include "cli/import/places.hpp"

#include <gtest/gtest.h>

#include <map>

namespace purser::cli {
namespace {

setup::Variables variables(std::map<std::string, std::string> values)
{
  return [values = std::move(values)](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

std::vector<std::string> paths(const setup::Variables& from)
{
  std::vector<std::string> found;
  for (const auto& place : auth_places(from))
    found.push_back(place.path);
  return found;
}

using Paths = std::vector<std::string>;

TEST(ImportPlaces, AreWhereClientsLook)
{
  EXPECT_EQ(paths(variables({{"HOME", "/h"}})),
            (Paths{"/h/.docker/config.json", "/h/.config/containers/auth.json",
                   "/h/.config/helm/registry/config.json", "/h/.dockercfg"}));
  EXPECT_EQ(paths(variables({{"HOME", "/h"},
                             {"DOCKER_CONFIG", "/d"},
                             {"XDG_RUNTIME_DIR", "/r"},
                             {"XDG_CONFIG_HOME", "/c"},
                             {"REGISTRY_AUTH_FILE", "/a.json"},
                             {"HELM_REGISTRY_CONFIG", "/helm.json"}})),
            (Paths{"/d/config.json", "/a.json", "/r/containers/auth.json",
                   "/c/containers/auth.json", "/helm.json", "/h/.dockercfg"}));
}

TEST(ImportPlaces, ARelativeOneIsNone)
{
  EXPECT_EQ(paths(variables({{"DOCKER_CONFIG", "d"}})), Paths{});
  EXPECT_EQ(paths(variables({})), Paths{});
}

} // namespace
} // namespace purser::cli
