// Reads lines of JSON and prints for each what our parsers make of it. For comparing them with
// those of others.
//
//   {"header":["Bearer realm=\"...\"", ...]}    [{"scheme":"bearer","params":{"realm":"..."}}, ...]
//   {"scopes":["repository:a:push,pull", ...]}  ["repository:a:pull,push", ...]
//   {"address":"127.0.0.1"}                     false: it is not public

#include "daemon/registry/challenge.hpp"
#include "daemon/registry/public_address.hpp"
#include "daemon/registry/scope_set.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace purser {
namespace {

nlohmann::json challenges(const std::vector<std::string>& header)
{
  const std::vector<std::string_view> lines(header.begin(), header.end());
  auto told = nlohmann::json::array();
  for (const auto& challenge : parse_challenges(lines)) {
    auto params = nlohmann::json::object();
    for (const auto& [name, value] : challenge.params)
      params.emplace(name, value);
    told.push_back({{"scheme", challenge.scheme}, {"params", params}});
  }
  return told;
}

nlohmann::json scopes(const std::vector<std::string>& entries)
{
  std::string text;
  for (const auto& entry : entries)
    text.append(entry).append(" ");
  return ScopeSet::parse(text).value().entries();
}

// A program for tests: a line that is not as above ends it with an exception.
nlohmann::json answer(const nlohmann::json& line)
{
  if (line.contains("header")) return challenges(line.at("header"));
  if (line.contains("scopes")) return scopes(line.at("scopes"));
  return is_public_address(boost::asio::ip::make_address(line.at("address").get<std::string>()));
}

} // namespace
} // namespace purser

int main()
{
  for (std::string line; std::getline(std::cin, line);)
    std::cout << purser::answer(nlohmann::json::parse(line)).dump() << '\n';
}
