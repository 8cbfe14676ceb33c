// Signs requests that come as lines of JSON on standard input and prints, for each, one line
// with the headers that signing set. For comparing our signatures with those of others.
//
//   {"method":"POST","url":"https://...","headers":[["Name","value"]],"body":"","time":0,
//    "region":"","service":"","key_id":"","secret":"","token":""}

#include "daemon/providers/aws/sigv4.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace purser::aws {
namespace {

// A program for tests: a line that is not as above ends it with an exception.
std::string signed_line(const nlohmann::json& line)
{
  HttpRequest request(line.at("method"), line.at("url"));
  request.body = line.at("body");
  for (const auto& header : line.at("headers"))
    request.headers.push_back(HttpHeader{header.at(0), header.at(1)});
  const AwsKeys keys(line.at("key_id"), Secret(line.at("secret").get<std::string>()),
                     Secret(line.at("token").get<std::string>()));
  const SigningScope scope(line.at("region"), line.at("service"));
  const WallTime now(std::chrono::seconds(line.at("time").get<long long>()));
  if (auto done = sign(request, keys, scope, now); !done)
    return nlohmann::json{{"error", done.error().what}}.dump();

  nlohmann::json set;
  for (const auto& [name, value] : request.headers)
    set[name] = value;
  return set.dump();
}

} // namespace
} // namespace purser::aws

int main()
{
  for (std::string line; std::getline(std::cin, line);)
    std::cout << purser::aws::signed_line(nlohmann::json::parse(line)) << '\n';
}
