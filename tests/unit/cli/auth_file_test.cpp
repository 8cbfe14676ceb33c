#include "cli/import/auth_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser::cli {
namespace {

const AuthReaders k_readers{[](std::string_view name) { return name == "purser"; }, false};

AuthFile parsed(const std::string& text,
                AuthReader reader = AuthReader::docker,
                const AuthReaders& readers = k_readers)
{
  auto file = parse_auth_file("/home/ann/config.json", reader, text, readers);
  EXPECT_TRUE(file) << (file ? "" : file.error().what);
  return std::move(*file);
}

// The one entry in `auths`.
FoundEntry entry(const std::string& json, const std::string& name = "reg.example")
{
  auto file = parsed(R"({"auths": {")" + name + R"(": )" + json + "}}");
  EXPECT_EQ(file.entries.size(), 1U);
  return std::move(file.entries.at(0));
}

std::string said(const FoundEntry& found)
{
  if (!found.login) return found.trouble;
  return found.login->username + " " + std::string(found.login->secret.reveal());
}

TEST(AuthFile, ReadsDockersBase64)
{
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U="})")), "ann fake");
  // A colon belongs to the password, and bytes beyond ASCII stay what they are.
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZhOmtl"})")), "ann fa:ke");
  EXPECT_EQ(said(entry(R"({"auth": "w6Q6w7Y="})")), "\xc3\xa4 \xc3\xb6");
  // docker cuts NUL bytes, and Go passes over line ends.
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZh\na2UAAA=="})")), "ann fake");
}

TEST(AuthFile, ReadsTheOtherMembers)
{
  EXPECT_EQ(said(entry(R"({"username": "ann", "password": "fake"})")), "ann fake");
  EXPECT_EQ(said(entry(R"({"identitytoken": "fake-token"})")), "<token> fake-token");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOg==", "identitytoken": "fake-token"})")),
            "<token> fake-token");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U=", "username": "bob", "password": "x"})")),
            "ann fake")
      << "docker overwrites both with what auth says";
}

TEST(AuthFile, SaysWhatCannotBeCarried)
{
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U"})")), "its auth is not base64");
  EXPECT_EQ(said(entry(R"({"auth": "YW5u=mZha2U="})")), "its auth is not base64");
  EXPECT_EQ(said(entry(R"({"auth": "=W5uOmZha2U="})")), "its auth is not base64");
  EXPECT_EQ(said(entry(R"({"auth": "*W5uOmZha2U="})")), "its auth is not base64");
  EXPECT_EQ(said(entry(R"({"auth": "YW5u"})")),
            "its auth has no colon between user name and password");
  EXPECT_EQ(said(entry(R"({"auth": "OmZha2U="})")), "it has no user name");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOg=="})")), "it has no password");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOv8="})")), "it is not UTF-8");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U=", "registrytoken": "fake"})")),
            "it has a registrytoken, which is no credential that can be stored");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U=", "identitytoken": "fake"})")),
            "it has both a password and an identity token");
  EXPECT_EQ(said(entry(R"({"auth": "YW5uOmZha2U="})", "no registry")),
            "that is not the name of a registry");
}

TEST(AuthFile, ASecretMayBeLarge)
{
  const std::string large(64 << 10, 'x');
  EXPECT_EQ(said(entry(R"({"username": "ann", "password": ")" + large + R"("})")), "ann " + large);
  EXPECT_EQ(
      said(entry(R"({"username": "ann", "password": ")" + std::string(300 << 10, 'x') + R"("})")),
      "it is too large");
}

TEST(AuthFile, NamesTheMembersThatHoldIt)
{
  const auto found =
      entry(R"({"auth": "YW5uOg==", "identitytoken": "fake", "email": "ann@example"})");
  const std::vector<JsonPath> members{{"auths", "reg.example", "auth"},
                                      {"auths", "reg.example", "identitytoken"}};
  EXPECT_EQ(found.plain, members);
}

TEST(AuthFile, EntriesThatHoldNothingAreNotThere)
{
  EXPECT_TRUE(parsed(R"({"auths": {"a": {}, "b": {"auth": ""}, "c": {"username": "ann"}}})")
                  .entries.empty());
  EXPECT_TRUE(parsed(R"({"credsStore": "purser"})").entries.empty());
  EXPECT_TRUE(parsed(R"({"auths": null})").entries.empty());
  EXPECT_TRUE(parsed("").entries.empty());
}

TEST(AuthFile, KeysMayHaveSchemePortAndPath)
{
  EXPECT_EQ(entry(R"({"auth": "YW5uOmZha2U="})", "https://index.docker.io/v1/").key->text(),
            "docker.io");
  EXPECT_EQ(entry(R"({"auth": "YW5uOmZha2U="})", "http://Reg.Example:5000/v2/").key->text(),
            "reg.example:5000");
  EXPECT_EQ(entry(R"({"auth": "YW5uOmZha2U="})", "reg.example/team/app").key->text(),
            "reg.example/team/app");
}

TEST(AuthFile, TheOldFormHasNoAuths)
{
  const auto file =
      parsed(R"({"reg.example": {"auth": "YW5uOmZha2U=", "email": ""}})", AuthReader::dockercfg);
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_EQ(said(file.entries[0]), "ann fake");
  EXPECT_EQ(file.entries[0].plain, (std::vector<JsonPath>{{"reg.example", "auth"}}));
}

TEST(AuthFile, WhatIsNoConfigurationIsRefused)
{
  for (const std::string text : {"{", "[]", R"({"auths": []})", R"({"auths": {}, "auths": {}})"})
    EXPECT_FALSE(parse_auth_file("f", AuthReader::docker, text, k_readers)) << text;
}

// Why the plain text has to stay; empty where the file's clients ask purser.
std::string stays(const std::string& settings,
                  AuthReader reader = AuthReader::docker,
                  const std::string& name = "reg.example",
                  bool podman_asks = false)
{
  AuthReaders readers = k_readers;
  readers.podman_asks = podman_asks;
  const std::string text =
      R"({"auths": {")" + name + R"(": {"auth": "YW5uOmZha2U="}})" + settings + "}";
  return parsed(text, reader, readers).entries.at(0).keep_plain;
}

TEST(AuthFile, PlainTextMayGoWhereItsClientsAskPurser)
{
  const std::string unknown = "its clients do not ask purser for it yet";
  EXPECT_EQ(stays(R"(, "credsStore": "purser")"), "");
  EXPECT_EQ(stays(R"(, "credHelpers": {"https://reg.example": "purser"})"), "");
  EXPECT_EQ(stays(R"(, "credHelpers": {"other.example": "purser"})"), unknown);
  EXPECT_EQ(stays(""), unknown);
  EXPECT_EQ(stays(R"(, "credsStore": "pass")"),
            "its clients ask docker-credential-pass instead of purser");
  EXPECT_EQ(stays(R"(, "credsStore": "purser", "credHelpers": {"reg.example": "pass"})"),
            "its clients ask docker-credential-pass instead of purser");
}

TEST(AuthFile, PodmanHasRulesOfItsOwn)
{
  const auto podman = AuthReader::podman;
  EXPECT_NE(stays(R"(, "credsStore": "purser")", podman), "") << "it does not know credsStore";
  EXPECT_EQ(stays("", podman, "reg.example", true), "");
  EXPECT_EQ(stays(R"(, "credHelpers": {"reg.example": "purser"})", podman), "");
  EXPECT_EQ(stays("", podman, "reg.example/team", true),
            "podman asks helpers for whole registries only");
  EXPECT_EQ(stays("", AuthReader::dockercfg, "reg.example", true),
            "this old form cannot name a helper");
}

TEST(AuthFile, TheNameSaysWhoReadsIt)
{
  EXPECT_EQ(reader_of("/run/user/1/containers/auth.json"), AuthReader::podman);
  EXPECT_EQ(reader_of(".dockercfg"), AuthReader::dockercfg);
  EXPECT_EQ(reader_of("x/config.json"), AuthReader::docker);
}

} // namespace
} // namespace purser::cli
