#include "daemon/config/config.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace purser {
namespace {

// The same table is put to the JSON Schema by tests/integration/config.
nlohmann::json documents()
{
  std::ifstream file(PURSER_DOCUMENTS);
  return nlohmann::json::parse(file);
}

std::string error_of(const std::string& text)
{
  const auto parsed = parse_config(text);
  return parsed ? "" : parsed.error().what;
}

const std::string k_rule = R"({"version": 1, "registries": [{"match": "a.example", "provider": )";

TEST(Config, AcceptsTheGoodDocumentsOfTheTable)
{
  int count = 0;
  for (const auto& row : documents()) {
    if (row.contains("says")) continue;
    ++count;
    EXPECT_EQ(error_of(row["document"].dump()), "") << row["name"];
  }
  EXPECT_GT(count, 20);
}

TEST(Config, RefusesTheBadDocumentsOfTheTableAndSaysWhereAndWhy)
{
  int count = 0;
  for (const auto& row : documents()) {
    if (!row.contains("says")) continue;
    ++count;
    const auto parsed = parse_config(row["document"].dump());
    ASSERT_FALSE(parsed) << row["name"];
    EXPECT_EQ(parsed.error().code, Errc::misconfigured) << row["name"];
    for (const std::string part : row["says"])
      EXPECT_NE(parsed.error().what.find(part), std::string::npos)
          << row["name"] << ": " << parsed.error().what;
    EXPECT_EQ(parsed.error().what.find('\n'), std::string::npos) << row["name"];
  }
  EXPECT_GT(count, 60);
}

TEST(Config, KnowsWhatItWasTold)
{
  const auto config = parse_config(R"({
    "version": 1, // the only one
    "registries": [
      {"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "profile": "prod",
       "region": "eu-west-1", "endpoint": "https://ecr.example.com", "anonymous": true},
      {"match": "images.example.com", "provider": "ecr",
       "registry": "123456789012.dkr.ecr.us-east-1.amazonaws.com"},
      {"match": "a.example/*", "provider": "store"}],
    "store": {"key_file": "/etc/purser/key"}, /* not generated */
    "log": {"level": "warning"}, "peers": [1000, 0], "idle_exit_seconds": 60})");
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->registries.size(), 3U);
  const auto& first = config->registries[0];
  EXPECT_EQ(first.match, "*.dkr.ecr.*.amazonaws.com");
  EXPECT_EQ(first.provider, "ecr");
  EXPECT_EQ(first.profile, "prod");
  EXPECT_EQ(first.region, "eu-west-1");
  EXPECT_EQ(first.endpoint, "https://ecr.example.com");
  EXPECT_TRUE(first.anonymous);
  EXPECT_EQ(config->registries[1].registry, "123456789012.dkr.ecr.us-east-1.amazonaws.com");
  EXPECT_EQ(config->registries[2].provider, "store");
  EXPECT_FALSE(config->registries[2].profile);
  EXPECT_EQ(config->key_file, "/etc/purser/key");
  EXPECT_EQ(config->log_level, LogLevel::warning);
  EXPECT_EQ(config->peers, (std::vector<uid_t>{1000, 0}));
  EXPECT_EQ(config->idle_exit, std::chrono::seconds(60));
}

TEST(Config, HasTheDefaultsOfAMachineWithoutOne)
{
  const auto config = parse_config(R"({"version": 1})");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->registries.empty());
  EXPECT_FALSE(config->key_file);
  EXPECT_EQ(config->log_level, LogLevel::info);
  EXPECT_TRUE(config->peers.empty());
  EXPECT_EQ(config->idle_exit, Config{}.idle_exit);
}

TEST(Config, NamesThePlaceOfASyntaxError)
{
  EXPECT_EQ(error_of("{\n  \"version\": 1,\n  oops\n}"), "line 3, column 3: not valid JSON");
  EXPECT_EQ(error_of("{\"version\": 1"), "line 1, column 14: not valid JSON");
  EXPECT_EQ(error_of(""), "line 1, column 1: not valid JSON");
  EXPECT_EQ(error_of("{\"version\": 1} {}"), "line 1, column 16: not valid JSON");
  EXPECT_EQ(error_of("{\"version\": 1 // one\n \"log\": {}}"), "line 2, column 6: not valid JSON");
  EXPECT_EQ(error_of("{\"version\": 1} /* never closed"), "line 1, column 31: not valid JSON");
}

// The parser takes it for the end: what follows would be ignored without a word.
TEST(Config, RefusesANulByteWhereverItStands)
{
  const struct {
    std::string_view text;
    std::string_view says;
  } rows[] = {
      {{"{\"version\":1}\0{\"version\":2}", 28},
       "line 1, column 14: a NUL byte, and JSON has none"},
      {{"{\"version\":1}\n\0", 15}, "line 2, column 1: a NUL byte, and JSON has none"},
      {{"{\"version\":\0 1}", 15}, "line 1, column 12: a NUL byte, and JSON has none"},
      {{"\0", 1}, "line 1, column 1: a NUL byte, and JSON has none"},
      {{"{\"version\":1} // \0", 18}, "line 1, column 18: a NUL byte, and JSON has none"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(error_of(std::string(row.text)), row.says);
}

TEST(Config, RefusesAKeyThatStandsTwice)
{
  EXPECT_EQ(error_of(R"({"version": 1, "version": 1})"),
            "line 1, column 16: the key \"version\" stands twice in one object");
  EXPECT_EQ(error_of(k_rule + R"("store", "match": "b.example"}]})"),
            "line 1, column 75: the key \"match\" stands twice in one object");
  EXPECT_EQ(error_of("{\n  \"a\\\"b\": 1, // \"c\n  \"a\\\"b\": 1}"),
            "line 3, column 3: the key \"a?b\" stands twice in one object");
  EXPECT_EQ(error_of(R"({"":1,"":1})"),
            "line 1, column 7: the key \"\" stands twice in one object");
}

TEST(Config, RefusesDepthAndSize)
{
  EXPECT_EQ(
      error_of("\n" + std::string(500'000, '[')),
      "line 2, column 17: nested more than 16 levels deep; close some of the brackets before it");
  EXPECT_EQ(error_of(std::string((1 << 20) + 1, ' ')), "larger than 1 MiB");
  EXPECT_EQ(error_of("{\"version\": 1}" + std::string((1 << 20) - 14, ' ')), "");
}

TEST(Config, NeverQuotesAValue)
{
  for (const auto* key : {"profile", "region", "endpoint", "registry", "anonymous"}) {
    const auto said = error_of(k_rule + "\"ecr\", \"" + key + "\": \"fake-secret\\u0001\"}]}");
    EXPECT_NE(said, "") << key;
    EXPECT_EQ(said.find("fake-secret"), std::string::npos) << said;
  }
  EXPECT_EQ(error_of("{\"version\": fake-secret}").find("fake"), std::string::npos);
}

TEST(Config, ShowsOddKeysHarmlessly)
{
  const auto said =
      error_of("{\"version\": 1, \"a\\u001b[31m\\n" + std::string(100, 'k') + "\": 1}");
  EXPECT_NE(said.find("a?[31m?kkk"), std::string::npos) << said;
  EXPECT_NE(said.find("...:"), std::string::npos) << said;
  EXPECT_LT(said.size(), 200U);
}

} // namespace
} // namespace purser
