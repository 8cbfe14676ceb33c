#include "daemon/store/store_places.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

StoreSearch home_of_ann()
{
  StoreSearch search;
  search.home = "/home/ann";
  return search;
}

TEST(StorePlaces, AreInTheHomeFolder)
{
  const auto places = find_store_places(home_of_ann());
  ASSERT_TRUE(places);
  EXPECT_EQ(places->credentials, "/home/ann/.local/state/purser/credentials");
  EXPECT_EQ(places->key.generated_file, "/home/ann/.local/share/purser/key");
}

TEST(StorePlaces, FollowTheVariables)
{
  auto search = home_of_ann();
  search.xdg_state_home = "/state";
  search.xdg_data_home = "/kept";
  search.credentials_directory = "/run/credentials/purser.service";
  search.configured_key_file = "/etc/purser/key";
  const auto places = find_store_places(search);
  ASSERT_TRUE(places);
  EXPECT_EQ(places->credentials, "/state/purser/credentials");
  EXPECT_EQ(places->key.generated_file, "/kept/purser/key");
  EXPECT_EQ(places->key.credentials_directory, search.credentials_directory);
  EXPECT_EQ(places->key.configured_file, search.configured_key_file);
  search.home.clear();
  EXPECT_TRUE(find_store_places(search)) << "HOME is not needed then";
}

TEST(StorePlaces, RefuseARelativePath)
{
  for (const auto field :
       {&StoreSearch::home, &StoreSearch::xdg_state_home, &StoreSearch::xdg_data_home,
        &StoreSearch::credentials_directory, &StoreSearch::configured_key_file}) {
    auto search = home_of_ann();
    search.*field = "relative";
    const auto places = find_store_places(search);
    ASSERT_FALSE(places);
    EXPECT_EQ(places.error().code, Errc::misconfigured);
  }
}

TEST(StorePlaces, NeedAHome)
{
  EXPECT_FALSE(find_store_places(StoreSearch()));
  StoreSearch half;
  half.xdg_state_home = "/state";
  EXPECT_FALSE(find_store_places(half));
}

} // namespace
} // namespace purser
