#include "daemon/config/web_identity_parser.hpp"

#include "daemon/config/forwarded_name.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace purser {
namespace {

using From = WebIdentityRule::From;

constexpr std::string_view k_key = "web_identity";
constexpr std::string_view k_audience = "audience";
constexpr std::array<std::string_view, 2> k_known{"env", "file"};
constexpr std::size_t k_max_variable = 256;
constexpr std::size_t k_max_path = 4095;
constexpr std::size_t k_max_audience = 256;

std::optional<WebIdentityRule> read_variable(ObjectReader& reader)
{
  auto name = reader.text("env", k_max_variable);
  if (!name) return std::nullopt;
  if (!is_forwarded_name(*name))
    reader.complain("env", "is no variable that helpers send to the daemon: give the token's "
                           "variable a name that begins with AWS_ or PURSER_");
  return WebIdentityRule(From::variable, std::move(*name));
}

std::optional<WebIdentityRule> read_file(ObjectReader& reader)
{
  auto path = reader.text("file", k_max_path);
  if (!path) return std::nullopt;
  if (!path->starts_with('/')) reader.complain("file", "must be an absolute path");
  return WebIdentityRule(From::file, std::move(*path));
}

std::optional<WebIdentityRule> read_place(ObjectReader& rule, const nlohmann::json& place)
{
  if (place == "github") return WebIdentityRule(From::actions);
  if (!place.is_object() || place.contains("env") == place.contains("file")) {
    rule.complain(k_key, R"(must be "github", {"env": "NAME"} or {"file": "/PATH"})");
    return std::nullopt;
  }
  ObjectReader reader(place, rule.place_of(k_key));
  reader.refuse_others(k_known);
  auto read = reader.has("env") ? read_variable(reader) : read_file(reader);
  rule.adopt(reader.verdict());
  return read;
}

} // namespace

std::optional<WebIdentityRule> read_web_identity(ObjectReader& reader, const nlohmann::json& rule)
{
  const auto audience = reader.text(k_audience, k_max_audience);
  const auto place = rule.find(k_key);
  auto read = place == rule.end() ? std::nullopt : read_place(reader, *place);
  if (audience && (!read || read->from != From::actions))
    reader.complain(k_audience, R"(is of use with "web_identity": "github" only)");
  if (read && audience) read->audience = *audience;
  return read;
}

} // namespace purser
