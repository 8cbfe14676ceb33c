#include "daemon/store/choice_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

struct ChoiceFileTest : testing::Test {
  TemporaryFolder folder;
  ChoiceFile file{folder / "state/store"};
  StoreChoice in_file{StoreKind::file, "2026-01-02T03:04:05Z", "a test"};
  StoreChoice in_keyring{StoreKind::secret_service, "2026-01-02T03:04:06Z", "another"};
};

TEST_F(ChoiceFileTest, TheFirstChoiceStandsAndWhoComesLaterLearnsIt)
{
  EXPECT_EQ(file.read().value(), std::nullopt);
  EXPECT_EQ(file.create(in_file).value(), in_file);
  EXPECT_EQ(file.create(in_keyring).value(), in_file);
  EXPECT_EQ(file.read().value(), in_file);
}

TEST_F(ChoiceFileTest, OnlyAMigrationChangesIt)
{
  EXPECT_TRUE(file.create(in_file));
  EXPECT_TRUE(file.replace(in_keyring));
  EXPECT_EQ(file.read().value(), in_keyring);
}

TEST_F(ChoiceFileTest, SomethingElseIsAnErrorThatNamesItAndStays)
{
  EXPECT_TRUE(file.create(in_file));
  put_file(file.path(), "{}");
  EXPECT_EQ(file.read().error().code, Errc::protocol_error);
  EXPECT_NE(file.read().error().what.find(file.path()), std::string::npos);
  EXPECT_FALSE(file.create(in_keyring));
  EXPECT_EQ(contents_of(file.path()), "{}");
}

} // namespace
} // namespace purser
