#include "daemon/providers/aws/sigv4.hpp"

#include "common/ascii.hpp"
#include "common/hex.hpp"
#include "common/wiping.hpp"
#include "daemon/http/url.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::aws {
namespace {

constexpr std::string_view k_algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view k_terminator = "aws4_request";
constexpr std::string_view k_date = "X-Amz-Date";

// Hop-by-hop, or changed on the way by proxies and SDKs.
constexpr std::array<std::string_view, 10> k_unsigned{
    "authorization", "connection", "expect",     "keep-alive",        "te",
    "trailer",       "upgrade",    "user-agent", "transfer-encoding", "x-amzn-trace-id"};

// 32 bytes, wiped.
class Digest {
public:
  Digest() = default;
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  unsigned char* data() { return bytes_.data(); }
  [[nodiscard]] std::string_view text() const
  {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

private:
  std::array<unsigned char, 32> bytes_{};
};

const unsigned char* bytes(std::string_view text)
{
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex_sha256(std::string_view text)
{
  Digest digest;
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc(); // with a fixed algorithm nothing else can fail
  return hex(digest.text());
}

void hmac(std::string_view key, std::string_view text, Digest& result)
{
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(),
           result.data(), nullptr) == nullptr)
    throw std::bad_alloc();
}

std::string lower(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
  return result;
}

int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is no escape stays as it is.
std::string percent_decoded(std::string_view text)
{
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    result +=
        escape ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at != std::string_view::npos) text.remove_prefix(at + 1);
  }
  return parts;
}

// Without dot segments and doubled slashes, then encoded (once more, where the path was
// encoded already), as for all services but S3.
std::string canonical_path(std::string_view path)
{
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string result;
  for (const std::string_view segment : kept)
    result += "/" + percent_encoded(segment);
  if (result.empty() || path.ends_with('/')) result += '/';
  return result;
}

std::string canonical_query(std::string_view query)
{
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view parameter : split(query, '&')) {
    if (parameter.empty()) continue;
    const auto equals = parameter.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    parameters.emplace_back(percent_encoded(percent_decoded(parameter.substr(0, equals))),
                            percent_encoded(percent_decoded(value)));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string result;
  for (const auto& [name, value] : parameters) {
    if (!result.empty()) result += '&';
    result += name;
    result += '=';
    result += value;
  }
  return result;
}

// Trimmed, each run of blanks (also over folded lines) one space.
std::string canonical_value(std::string_view value)
{
  std::string result;
  bool blank = false;
  for (const char c : value) {
    if (std::string_view(" \t\r\n\v\f").find(c) != std::string_view::npos) {
      blank = true;
      continue;
    }
    if (blank && !result.empty()) result += ' ';
    blank = false;
    result += c;
  }
  return result;
}

bool is_signed(std::string_view name)
{
  return !name.starts_with("proxy-") &&
         std::find(k_unsigned.begin(), k_unsigned.end(), name) == k_unsigned.end();
}

using Headers = std::map<std::string, std::string>;

Headers signed_headers(const HttpRequest& request, const Url& url)
{
  Headers headers;
  for (const auto& [name, value] : request.headers) {
    const std::string key = lower(name);
    if (!is_signed(key)) continue;
    const auto [header, is_new] = headers.try_emplace(key, canonical_value(value));
    if (!is_new) header->second += "," + canonical_value(value);
  }
  headers.try_emplace("host", url.host_header());
  return headers;
}

std::string names_of(const Headers& headers)
{
  std::string names;
  for (const auto& header : headers)
    names.append(names.empty() ? "" : ";").append(header.first);
  return names;
}

std::string canonical_text(const HttpRequest& request, const Url& url, const Headers& headers)
{
  const std::string_view target = url.target;
  const auto question = target.find('?');
  const auto query =
      question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
  std::string text = request.method + "\n";
  text += canonical_path(target.substr(0, question)) + "\n";
  text += canonical_query(query) + "\n";
  for (const auto& [name, value] : headers)
    text.append(name).append(":").append(value).append("\n");
  text += "\n" + names_of(headers) + "\n" + hex_sha256(request.body);
  return text;
}

// 20150830T123600Z
std::string amz_date(WallTime now)
{
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  std::array<char, 64> text{};
  const int size =
      snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ",
               static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
               static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
               static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string signature(const AwsKeys& keys,
                      std::string_view day,
                      const SigningScope& scope,
                      std::string_view string_to_sign)
{
  constexpr std::string_view k_prefix = "AWS4";
  const std::string_view secret = keys.secret.reveal();
  WipingBuffer first(k_prefix.begin(), k_prefix.end());
  first.insert(first.end(), secret.begin(), secret.end());
  Digest date_key;
  Digest region_key;
  Digest service_key;
  Digest signing_key;
  Digest result;
  hmac({first.data(), first.size()}, day, date_key);
  hmac(date_key.text(), scope.region, region_key);
  hmac(region_key.text(), scope.service, service_key);
  hmac(service_key.text(), k_terminator, signing_key);
  hmac(signing_key.text(), string_to_sign, result);
  return hex(result.text());
}

void set_header(HttpRequest& request, std::string_view name, std::string value)
{
  std::erase_if(request.headers,
                [&name](const HttpHeader& header) { return lower(header.name) == lower(name); });
  request.headers.push_back(HttpHeader{std::string(name), std::move(value)});
}

} // namespace

Result<std::string> canonical_request(const HttpRequest& request)
{
  const auto url = parse_url(request.url);
  if (!url) return url.error();
  return canonical_text(request, *url, signed_headers(request, *url));
}

Result<> sign(HttpRequest& request, const AwsKeys& keys, const SigningScope& scope, WallTime now)
{
  const auto url = parse_url(request.url);
  if (!url) return url.error();

  const std::string date = amz_date(now);
  const std::string day = date.substr(0, 8);
  set_header(request, k_date, date);
  if (!keys.session_token.empty())
    set_header(request, "X-Amz-Security-Token", std::string(keys.session_token.reveal()));

  const Headers headers = signed_headers(request, *url);
  const std::string place =
      day + "/" + scope.region + "/" + scope.service + "/" + std::string(k_terminator);
  const std::string string_to_sign = std::string(k_algorithm) + "\n" + date + "\n" + place + "\n" +
                                     hex_sha256(canonical_text(request, *url, headers));
  set_header(request, "Authorization",
             std::string(k_algorithm) + " Credential=" + keys.access_key_id + "/" + place +
                 ", SignedHeaders=" + names_of(headers) +
                 ", Signature=" + signature(keys, day, scope, string_to_sign));
  return {};
}

} // namespace purser::aws
