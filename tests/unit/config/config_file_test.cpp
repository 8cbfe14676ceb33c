#include "daemon/config/config_file.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace purser {
namespace {

namespace fs = std::filesystem;
using Origin = LoadedConfig::Origin;

class ConfigFileTest : public testing::Test {
public:
  ConfigFileTest()
  {
    std::string pattern = testing::TempDir() + "purser-config-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~ConfigFileTest() override { fs::remove_all(root_); }

protected:
  [[nodiscard]] std::string path() const { return root_ + "/config.json"; }
  [[nodiscard]] std::string copy() const { return root_ + "/state/purser/config.last-good.json"; }

  void write(const std::string& text) const
  {
    std::ofstream(path(), std::ios::trunc) << text;
    ::chmod(path().c_str(), 0644);
  }
  // A new object each time, as after a restart.
  [[nodiscard]] LoadedConfig load() const { return ConfigFile(path(), copy()).load(); }

  static std::string rule_for(const std::string& host)
  {
    return R"({"version": 1, "registries": [{"match": ")" + host + R"(", "provider": "store"}]})";
  }

  std::string root_;
};

TEST_F(ConfigFileTest, AMissingFileMeansDefaults)
{
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::absent);
  EXPECT_TRUE(loaded.config.registries.empty());
  EXPECT_FALSE(loaded.error);
  EXPECT_FALSE(fs::exists(copy()));
}

TEST_F(ConfigFileTest, WhatLeadsNowhereIsBrokenAndNotMissing)
{
  write(rule_for("a.example"));
  EXPECT_EQ(load().origin, Origin::file);
  fs::remove(path());
  fs::create_symlink("/nowhere/config.json", path());
  auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::last_good);
  EXPECT_EQ(loaded.error, path() + " is a link to nothing: make what it names, or remove it");
  const ConfigFile below_a_file(copy() + "/config.json", root_ + "/no-copy");
  EXPECT_EQ(below_a_file.load().origin, Origin::none);
  EXPECT_TRUE(below_a_file.load().error->ends_with("move that away"));
  fs::create_symlink("/nowhere", root_ + "/folder");
  const ConfigFile below_a_link(root_ + "/folder/config.json", root_ + "/no-copy");
  EXPECT_EQ(below_a_link.load().error,
            root_ + "/folder is a link to nothing: make what it names, or remove it");
}

TEST_F(ConfigFileTest, AFileThatPurserConfigNamesHasToBeThere)
{
  const auto loaded = ConfigFile(path(), copy(), true).load();
  EXPECT_EQ(loaded.origin, Origin::none);
  EXPECT_TRUE(loaded.error->starts_with(path() + ", which PURSER_CONFIG names, is not there"));
}

TEST_F(ConfigFileTest, AFileThatWasNeverRightMayHaveMeantTheHostsInIt)
{
  write(R"({"version": 1, "registries": [{"match": "GHCR.io"}, {"match": "*.corp.example/team"},)");
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::none);
  for (const auto* host : {"ghcr.io", "a.corp.example"})
    EXPECT_TRUE(loaded.may_claim(host)) << host;
  for (const auto* host : {"docker.io", "example", "a.b.example", "corp.example.org"})
    EXPECT_FALSE(loaded.may_claim(host)) << host;
  write(rule_for("a.example"));
  EXPECT_FALSE(load().may_claim("a.example"));
  write("{");
  EXPECT_FALSE(load().may_claim("a.example")); // the last good one counts
}

TEST_F(ConfigFileTest, AGoodFileIsUsedAndKept)
{
  write(rule_for("a.example"));
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::file);
  EXPECT_FALSE(loaded.error);
  EXPECT_FALSE(loaded.warning);
  ASSERT_EQ(loaded.config.registries.size(), 1U);
  struct stat status {};
  ASSERT_EQ(::stat(copy().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  ASSERT_EQ(::stat((root_ + "/state/purser").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
}

TEST_F(ConfigFileTest, ABrokenFileKeepsTheLastGoodOneAcrossARestart)
{
  write(rule_for("a.example"));
  static_cast<void>(load());
  write(R"({"version": 1, "registrys": []})");
  for (int restart = 0; restart < 2; ++restart) {
    const auto loaded = load();
    EXPECT_EQ(loaded.origin, Origin::last_good);
    ASSERT_EQ(loaded.config.registries.size(), 1U);
    EXPECT_EQ(loaded.config.registries[0].match, "a.example");
    ASSERT_TRUE(loaded.error);
    EXPECT_TRUE(loaded.error->starts_with(path() + ": registrys: ")) << *loaded.error;
  }
}

TEST_F(ConfigFileTest, AMendedFileCountsAgain)
{
  write(rule_for("a.example"));
  static_cast<void>(load());
  write("{");
  static_cast<void>(load());
  write(rule_for("b.example"));
  EXPECT_EQ(load().config.registries.at(0).match, "b.example");
  write("{");
  EXPECT_EQ(load().config.registries.at(0).match, "b.example");
}

TEST_F(ConfigFileTest, AFileThatWasNeverRightIsNotTakenForDefaults)
{
  write("{");
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::none);
  EXPECT_TRUE(loaded.error);
}

TEST_F(ConfigFileTest, DeletingTheFileForgetsIt)
{
  write(rule_for("a.example"));
  static_cast<void>(load());
  fs::remove(path());
  EXPECT_EQ(load().origin, Origin::absent);
  write("{");
  EXPECT_EQ(load().origin, Origin::none);
}

TEST_F(ConfigFileTest, ADamagedCopyIsAsGoodAsNone)
{
  write(rule_for("a.example"));
  static_cast<void>(load());
  std::ofstream(copy(), std::ios::trunc) << "{";
  write("{");
  EXPECT_EQ(load().origin, Origin::none);
}

TEST_F(ConfigFileTest, RefusesAFileThatOthersCanWrite)
{
  write(rule_for("a.example"));
  for (const mode_t mode : {mode_t{0664}, mode_t{0646}}) {
    ::chmod(path().c_str(), mode);
    const auto loaded = load();
    EXPECT_EQ(loaded.origin, Origin::none);
    ASSERT_TRUE(loaded.error);
    EXPECT_NE(loaded.error->find("chmod go-w " + path()), std::string::npos) << *loaded.error;
  }
}

TEST_F(ConfigFileTest, RefusesAFileOfAnotherUser)
{
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  write(rule_for("a.example"));
  ASSERT_EQ(::chown(path().c_str(), 4242, 4242), 0);
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::none);
  EXPECT_EQ(loaded.error, path() + " belongs to another user");
}

TEST_F(ConfigFileTest, IsNotHeldByAFifoOrAFolder)
{
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(load().error, path() + " is not a regular file");
  fs::remove(path());
  fs::create_directory(path());
  EXPECT_EQ(load().error, path() + " is not a regular file");
}

TEST_F(ConfigFileTest, RefusesAFileOverTheLimit)
{
  write("{\"version\": 1}" + std::string(1 << 20, ' '));
  EXPECT_EQ(load().error, path() + " is larger than 1048576 bytes");
}

TEST_F(ConfigFileTest, FollowsALinkToAFileOfOurs)
{
  write(rule_for("a.example"));
  fs::rename(path(), root_ + "/dotfiles.json");
  fs::create_symlink(root_ + "/dotfiles.json", path());
  EXPECT_EQ(load().origin, Origin::file);
}

TEST_F(ConfigFileTest, IsUsedAlsoWhereItsCopyCannotBeKept)
{
  std::ofstream(root_ + "/state") << "a file where the folder should be";
  write(rule_for("a.example"));
  const auto loaded = load();
  EXPECT_EQ(loaded.origin, Origin::file);
  EXPECT_EQ(loaded.config.registries.size(), 1U);
  EXPECT_TRUE(loaded.warning);
}

TEST_F(ConfigFileTest, LeavesNothingBesidesTheCopy)
{
  write(rule_for("a.example"));
  static_cast<void>(load());
  write(rule_for("b.example"));
  static_cast<void>(load());
  const auto entries = fs::directory_iterator(root_ + "/state/purser");
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(ConfigPath, IsFoundInThisOrder)
{
  const auto find = [](ConfigSearch search) {
    const auto found = find_config_path(search);
    return found ? *found : "error: " + found.error().what;
  };
  EXPECT_EQ(find({"/p/c.json", "/x", "/h"}), "/p/c.json");
  EXPECT_EQ(find({"", "/x", "/h"}), "/x/purser/config.json");
  EXPECT_EQ(find({"", "", "/h"}), "/h/.config/purser/config.json");
  EXPECT_EQ(find({"c.json", "/x", "/h"}), "error: PURSER_CONFIG is not an absolute path");
  EXPECT_EQ(find({"", "x", "/h"}), "error: XDG_CONFIG_HOME is not an absolute path");
  EXPECT_EQ(find({"", "", "h"}), "error: HOME is not an absolute path");
  EXPECT_EQ(find({"", "", ""}), "error: HOME is not set, nor XDG_CONFIG_HOME nor PURSER_CONFIG");
}

} // namespace
} // namespace purser
