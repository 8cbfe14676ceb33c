#include "daemon/server/docker_messages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace purser::docker {
namespace {

using namespace std::string_literals;

std::string text(const WipingBuffer& buffer)
{
  return {buffer.begin(), buffer.end()};
}

std::string store_fields(std::string_view json)
{
  const auto message = parse_store_message(json);
  if (!message) return "(refused)";
  return text(message->server_url) + "|" + text(message->username) + "|" + text(message->secret);
}

TEST(HelperBody, HasVariablesFolderAndInput)
{
  const std::string sent = "A=1\0B=two=2\0/home/ann\0\0reg.example"s;
  const auto body = parse_helper_body(sent);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->env.get("A"), "1");
  EXPECT_EQ(body->env.get("B"), "two=2");
  EXPECT_EQ(body->cwd, "/home/ann");
  EXPECT_EQ(body->input, "reg.example");
}

TEST(HelperBody, MayHaveNothingButItsEnd)
{
  const std::string sent = "\0"s;
  const auto body = parse_helper_body(sent);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->input, "");
}

TEST(HelperBody, InputMayHoldAnything)
{
  const std::string sent = "A=1\0\0x\0\0y"s;
  const auto body = parse_helper_body(sent);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->input, "x\0\0y"s);
}

TEST(HelperBody, WithoutItsEndIsRefused)
{
  EXPECT_FALSE(parse_helper_body(""));
  EXPECT_FALSE(parse_helper_body("A=1"));
  EXPECT_FALSE(parse_helper_body("A=1\0B=2\0"s));
}

// What docker (with a line feed), oras (without), and Go's encoder (escapes) send.
TEST(StoreMessage, IsUnderstoodAsClientsSendIt)
{
  EXPECT_EQ(store_fields("{\"ServerURL\":\"r.example\",\"Username\":\"bob\",\"Secret\":\"pw\"}\n"),
            "r.example|bob|pw");
  EXPECT_EQ(store_fields(R"({"ServerURL":"r","Username":"\u003ctoken\u003e","Secret":"a\u0026b"})"),
            "r|<token>|a&b");
  EXPECT_EQ(store_fields(R"( {"secret":"s","username":"u","serverurl":"r"} )"), "r|u|s");
  EXPECT_EQ(
      store_fields(R"({"ServerURL":"r","Extra":{"Secret":["x"]},"Username":"u","Secret":"s"})"),
      "r|u|s");
  EXPECT_EQ(store_fields(R"({"Username":"u"})"), "|u|");
}

TEST(StoreMessage, ALongSecretArrivesWhole)
{
  const std::string secret(1'000'000, 'x');
  EXPECT_EQ(store_fields(R"({"ServerURL":"r","Username":"u","Secret":")" + secret + "\"}"),
            "r|u|" + secret);
}

TEST(StoreMessage, WhatIsNotOneObjectOfStringsIsRefused)
{
  for (const auto* bad :
       {"", "null", "[]", "\"x\"", "1", "{", R"({"ServerURL":"r"} x)", R"({"ServerURL":"r"}{})",
        R"({"ServerURL":"r","ServerURL":"q"})", R"({"ServerURL":"r","serverurl":"q"})",
        R"({"ServerURL":null})", R"({"ServerURL":1})", R"({"Secret":{"a":"b"}})",
        R"({"Secret":["a"]})", R"({"Secret":true})", "{\"Secret\":\"\xff\"}"})
    EXPECT_EQ(store_fields(bad), "(refused)") << bad;
}

// Go's decoder takes U+017F for an s, so that another registry would be this one's last key.
TEST(StoreMessage, AKeyThatOthersMayTakeForOneOfOursIsRefused)
{
  for (const auto* bad : {R"({"ServerURL":"r","\u017ferverURL":"q","Username":"u","Secret":"s"})",
                          R"({"ServerURL":"r","\u017FERVERURL":"q","Username":"u","Secret":"s"})",
                          "{\"\xc5\xbf"
                          "erverURL\":\"q\",\"Username\":\"u\",\"Secret\":\"s\"}",
                          R"({"ServerURL":"r","U\u017fername":"v","Username":"u","Secret":"s"})",
                          R"({"ServerURL":"r","Username":"u","Secret":"s","\u017fecret":"t"})",
                          R"({"ServerURL":"r","Username":"u","Secret":"s","\u00e9":1})"})
    EXPECT_EQ(store_fields(bad), "(refused)") << bad;
  EXPECT_EQ(store_fields(R"({"ServerURL":"r","Username":"\u017f","Secret":"s","x":{"\u00e9":1}})"),
            "r|\xc5\xbf|s");
}

TEST(StoreMessage, DepthIsLimited)
{
  EXPECT_EQ(store_fields("{\"x\":" + std::string(200'000, '[')), "(refused)");
}

// Judged by a parser that is not ours.
TEST(CredentialJson, SaysWhatItWasGiven)
{
  std::string odd;
  for (int c = 1; c < 0x80; ++c)
    odd += static_cast<char>(c);
  const auto json = text(credential_json("r.example/\"x", odd, Secret(odd + "\xc3\xa4")));
  const auto parsed = nlohmann::json::parse(json);
  EXPECT_EQ(parsed.size(), 3U);
  EXPECT_EQ(parsed.at("ServerURL"), "r.example/\"x");
  EXPECT_EQ(parsed.at("Username"), odd);
  EXPECT_EQ(parsed.at("Secret"), odd + "\xc3\xa4");
  EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST(ListJson, SpellsDockerHubAsDockerDoes)
{
  const auto json = text(list_json({{"docker.io", "bob"}, {"r.example:5000", "<token>"}}, 1000));
  const auto parsed = nlohmann::json::parse(json);
  EXPECT_EQ(parsed, (nlohmann::json{{"https://index.docker.io/v1/", "bob"},
                                    {"r.example:5000", "<token>"}}));
}

TEST(ListJson, EndsBeforeItIsTooLong)
{
  std::vector<StoredName> names;
  names.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    names.push_back({"r" + std::to_string(i) + ".example", "user"});
  const auto json = text(list_json(names, 2000));
  EXPECT_LE(json.size(), 2000U);
  EXPECT_GT(nlohmann::json::parse(json).size(), 50U);
  EXPECT_EQ(text(list_json({}, 2000)), "{}\n");
}

TEST(ErrorLine, IsOneLineWithoutDockersSentence)
{
  const auto line = error_line(
      "r.example", Error(Errc::rejected, "a\nb\x1b[1mcredentials not found in native keychain"));
  EXPECT_EQ(line, "purser: r.example: a b [1mno credentials\n");
  EXPECT_LE(error_line("r", Error(Errc::transient, std::string(5000, 'x'))).size(), k_max_line + 1);
}

TEST(ErrorLine, SaysWhatToDoAboutWhatMayPass)
{
  for (const Errc code : {Errc::transient, Errc::timeout, Errc::throttled})
    EXPECT_NE(error_line("r.example", Error(code, "cause")).find("try again"), std::string::npos);
}

TEST(ErrorLine, AddsNothingToAnErrorThatSaysItItself)
{
  const Error full = with_remedy({Errc::transient, "the disk is full; free some space"});
  EXPECT_EQ(error_line("r.example", full),
            "purser: r.example: the disk is full; free some space\n");
}

} // namespace
} // namespace purser::docker
