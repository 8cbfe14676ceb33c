#include "daemon/providers/aws/shared_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {

using Kind = SharedFile::Kind;

void append(std::string& text, std::string_view kind, const SharedFile::Sections& sections)
{
  for (const auto& [name, section] : sections) {
    text.append(kind).append(name).append("{");
    for (const auto& [property, value] : section.properties)
      text.append(property).append("=").append(value.reveal()).append(";");
    for (const auto& [property, values] : section.nested) {
      text.append(property).append("{");
      for (const auto& [inner, value] : values)
        text.append(inner).append("=").append(value.reveal()).append(";");
      text.append("}");
    }
    text.append("}");
  }
}

// Sections as `name{property=value;group{property=value;}}`; or the error.
std::string parsed(std::string_view text, Kind kind)
{
  const auto file = SharedFile::parse(text, kind, "FILE");
  if (!file) return file.error().what;
  std::string result;
  append(result, "", file->profiles);
  append(result, "services ", file->services);
  append(result, "sso-session ", file->sso_sessions);
  return result;
}

struct Row {
  std::string_view text;
  std::string_view expected;
};

constexpr std::array k_config{
    Row{"", ""},
    Row{"\n\n", ""},
    Row{"# nothing\n; at all\n", ""},
    Row{"[default]\n", "default{}"},
    Row{"[profile prod]\nregion=eu-west-1", "prod{region=eu-west-1;}"},
    Row{"[profile prod]\r\nregion = eu-west-1\r\n", "prod{region=eu-west-1;}"},
    Row{"\xef\xbb\xbf[default]\na=1", "default{a=1;}"},
    Row{"[ profile \t prod ] # comment\na=1", "prod{a=1;}"},
    Row{"[profile\tprod];comment\na=1", "prod{a=1;}"},
    Row{"[profile a_-/.%@:+9]\na=1", "a_-/.%@:+9{a=1;}"},
    // Values.
    Row{"[default]\nNAME = Value \n", "default{name=Value;}"},
    Row{"[default]\na=b=c\n", "default{a=b=c;}"},
    Row{"[default]\na=\n", "default{a=;}"},
    Row{"[default]\na = b # c\n", "default{a=b;}"},
    Row{"[default]\na = b ; c\n", "default{a=b;}"},
    Row{"[default]\na = b\t#c\n", "default{a=b;}"},
    Row{"[default]\na=b#c;d\n", "default{a=b#c;d;}"},
    Row{"[default]\na=#b\n", "default{a=#b;}"},
    Row{"[default]\na= #b\n", "default{a=;}"},
    Row{"[default]\na=1\n\n# x\n\nb=2\n", "default{a=1;b=2;}"},
    Row{"[default]\na=1\na=2\n", "default{a=2;}"},
    Row{"[default]\na=1\n[default]\nb=2\na=3", "default{a=3;b=2;}"},
    // Lines that go on.
    Row{"[default]\na=1\n  2\n", "default{a=1\n2;}"},
    Row{"[default]\na=1\n  2 # 3\n", "default{a=1\n2 # 3;}"},
    Row{"[default]\na=1\n  b=2\n", "default{a=1\nb=2;}"},
    Row{"[default]\na=1\n\n  2\n", "default{a=1\n2;}"},
    Row{"[default]\na=1\n \n  2\n", "default{a=1\n2;}"},
    // Groups.
    Row{"[default]\ns3 =\n  x = 1\n  Y=2 # c\na=3", "default{a=3;s3=;s3{x=1;y=2;}}"},
    Row{"[default]\ns3 = # c\n  x = 1\n", "default{s3=;s3{x=1;}}"},
    Row{"[default]\ns3 =\n  x = 1\ns3 = 2\n", "default{s3=2;}"},
    Row{"[services s]\necr =\n  endpoint_url = http://x\n",
        "services s{ecr=;ecr{endpoint_url=http://x;}}"},
    Row{"[sso-session s]\nsso_region=us-east-1", "sso-session s{sso_region=us-east-1;}"},
    // Sections that do not belong here.
    Row{"[prod]\na=1\n", ""},
    Row{"[prod]\na=1\n  b\n[default]\nc=2", "default{c=2;}"},
    Row{"[profile a b]\na=1\n", ""},
    Row{"[profile a\"b]\na=1\n", ""},
    Row{"[profile]\na=1\n", ""},
    Row{"[profileprod]\na=1\n", ""},
    Row{"[other x]\na=1\n", ""},
    Row{"[]\na=1\n", ""},
    // `[profile default]` is the default, wherever it stands.
    Row{"[default]\na=1\n[profile default]\nb=2", "default{b=2;}"},
    Row{"[profile default]\nb=2\n[default]\na=1", "default{b=2;}"},
    Row{"[profile default]\nb=2\n[profile default]\na=1", "default{a=1;b=2;}"},
    // Errors.
    Row{"a=1\n", "FILE line 1 has a property before the first section: correct it"},
    Row{"[default\na=1\n", "FILE line 1 has a section without ]: correct it"},
    Row{"[default] a=1\n", "FILE line 1 has something after the ] of a section: correct it"},
    Row{"[default]\nsecret-on-its-own\n", "FILE line 2 has a property without =: correct it"},
    Row{"[default]\n=1\n", "FILE line 2 has a property without a name: correct it"},
    Row{"[default]\n  a=1\n",
        "FILE line 2 has an indented line that continues nothing: correct it"},
    Row{"  a=1\n", "FILE line 1 has an indented line that continues nothing: correct it"},
    Row{"[default]\ns3=\n  x\n", "FILE line 3 has a nested property without =: correct it"},
    Row{"[default]\ns3=\n  =x\n", "FILE line 3 has a nested property without a name: correct it"},
    Row{"[other x]\nnonsense\n", "FILE line 2 has a property without =: correct it"},
};

constexpr std::array k_credentials{
    Row{"[default]\naws_access_key_id=A\naws_secret_access_key=B\n",
        "default{aws_access_key_id=A;aws_secret_access_key=B;}"},
    Row{"[prod]\na=1\n", "prod{a=1;}"},
    Row{"[profile prod]\na=1\n", ""},
    Row{"[profile default]\na=1\n", ""},
    Row{"[services s]\na=1\n", ""},
    Row{"[sso-session s]\na=1\n", ""},
};

TEST(SharedFile, ReadsTheConfigurationFile)
{
  for (const auto& row : k_config)
    EXPECT_EQ(parsed(row.text, Kind::config), row.expected) << row.text;
}

TEST(SharedFile, ReadsTheCredentialsFile)
{
  for (const auto& row : k_credentials)
    EXPECT_EQ(parsed(row.text, Kind::credentials), row.expected) << row.text;
}

TEST(SharedFile, ErrorsAreTheUsersToMend)
{
  const auto file = SharedFile::parse("[default", Kind::config, "FILE");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::misconfigured);
}

} // namespace
} // namespace purser::aws
