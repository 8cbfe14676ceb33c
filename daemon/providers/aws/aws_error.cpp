#include "daemon/providers/aws/aws_error.hpp"

#include "common/ascii.hpp"
#include "daemon/formats/bounded_json.hpp"
#include "daemon/registry/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_code = 64;

struct KnownCode {
  std::string_view code;
  Errc kind;
};

// With and without the ending `Exception`, which depends on the protocol.
constexpr std::array k_known{
    KnownCode{"UnrecognizedClient", Errc::rejected},
    KnownCode{"InvalidSignature", Errc::rejected},
    KnownCode{"InvalidClientTokenId", Errc::rejected},
    KnownCode{"SignatureDoesNotMatch", Errc::rejected},
    KnownCode{"IncompleteSignature", Errc::rejected},
    KnownCode{"MissingAuthenticationToken", Errc::rejected},
    KnownCode{"InvalidAccessKeyId", Errc::rejected},
    KnownCode{"InvalidToken", Errc::rejected},
    KnownCode{"AuthFailure", Errc::rejected},
    KnownCode{"RequestTimeTooSkewed", Errc::rejected},
    KnownCode{"RequestInTheFuture", Errc::rejected},
    KnownCode{"RequestExpired", Errc::rejected},
    KnownCode{"ExpiredToken", Errc::expired_source},
    KnownCode{"TokenRefreshRequired", Errc::expired_source},
    KnownCode{"AccessDenied", Errc::forbidden},
    KnownCode{"InvalidIdentityToken", Errc::rejected},
    KnownCode{"IDPRejectedClaim", Errc::rejected},
    KnownCode{"IDPCommunicationError", Errc::transient},
    KnownCode{"UnauthorizedOperation", Errc::forbidden},
    KnownCode{"NotAuthorized", Errc::forbidden},
    KnownCode{"OptInRequired", Errc::forbidden},
    KnownCode{"RegionDisabled", Errc::forbidden},
    KnownCode{"Throttling", Errc::throttled},
    KnownCode{"Throttled", Errc::throttled},
    KnownCode{"RequestThrottled", Errc::throttled},
    KnownCode{"TooManyRequests", Errc::throttled},
    KnownCode{"RequestLimitExceeded", Errc::throttled},
    KnownCode{"BandwidthLimitExceeded", Errc::throttled},
    KnownCode{"LimitExceeded", Errc::throttled},
    KnownCode{"ProvisionedThroughputExceeded", Errc::throttled},
    KnownCode{"TransactionInProgress", Errc::throttled},
    KnownCode{"PriorRequestNotComplete", Errc::throttled},
    KnownCode{"EC2Throttled", Errc::throttled},
    KnownCode{"SlowDown", Errc::throttled},
    KnownCode{"RequestTimeout", Errc::transient},
    KnownCode{"Server", Errc::transient},
    KnownCode{"ServiceUnavailable", Errc::transient},
    KnownCode{"InternalFailure", Errc::transient},
    KnownCode{"InternalServerError", Errc::transient},
    KnownCode{"InternalServer", Errc::transient},
};

constexpr std::array<std::string_view, 7> k_skew_codes{
    "InvalidSignature", "SignatureDoesNotMatch", "AuthFailure",   "RequestTimeTooSkewed",
    "AccessDenied",     "RequestInTheFuture",    "RequestExpired"};

std::string_view without_ending(std::string_view code)
{
  constexpr std::string_view k_ending = "Exception";
  if (code.ends_with(k_ending)) code.remove_suffix(k_ending.size());
  return code;
}

bool is_code(std::string_view text)
{
  return !text.empty() && text.size() <= k_max_code &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

// `com.amazonaws.x#Code:http://...` is `Code`. Empty where that is no word.
std::string plain_code(std::string_view text)
{
  text = text.substr(0, text.find(':'));
  if (const auto hash = text.find('#'); hash != std::string_view::npos)
    text.remove_prefix(hash + 1);
  return is_code(text) ? std::string(text) : std::string{};
}

std::string json_code(std::string_view body)
{
  const auto json = parse_bounded_json(body);
  for (const char* place : {"/code", "/Code", "/__type"}) {
    const auto* text = find_string(json, nlohmann::json::json_pointer(place));
    if (text == nullptr) continue;
    if (auto code = plain_code(*text); !code.empty()) return code;
  }
  return {};
}

// `<Code>...</Code>`: all that is needed of an XML error.
std::string xml_code(std::string_view body)
{
  constexpr std::string_view k_begin = "<Code>";
  const auto begin = body.find(k_begin);
  if (begin == std::string_view::npos) return {};
  body.remove_prefix(begin + k_begin.size());
  return plain_code(body.substr(0, body.find('<')));
}

std::string lower(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
  return result;
}

bool says_html(const HttpResponse& response)
{
  const auto type = response.header("Content-Type");
  return type && lower(*type).find("html") != std::string::npos;
}

bool looks_like_html(const HttpResponse& response)
{
  constexpr std::size_t k_beginning = 512;
  const auto beginning = lower(response.body.reveal().substr(0, k_beginning));
  return beginning.find("<html") != std::string::npos ||
         beginning.find("<!doctype html") != std::string::npos;
}

std::string find_code(const HttpResponse& response)
{
  if (const auto header = response.header("X-Amzn-ErrorType")) {
    if (auto code = plain_code(*header); !code.empty()) return code;
  }
  if (auto code = json_code(response.body.reveal()); !code.empty()) return code;
  return xml_code(response.body.reveal());
}

Errc kind_of(const Failure& failure)
{
  const auto* const known =
      std::find_if(k_known.begin(), k_known.end(), [&failure](const KnownCode& entry) {
        return entry.code == without_ending(failure.code);
      });
  if (known != k_known.end()) return known->kind;
  if (failure.status == 429) return Errc::throttled;
  if (failure.status >= 500) return Errc::transient;
  if (failure.status == 408) return Errc::transient;
  if (failure.status == 407) return Errc::misconfigured;
  return Errc::protocol_error;
}

std::optional<Duration> find_retry_after(const HttpResponse& response, WallTime now)
{
  if (const auto header = response.header("x-amz-retry-after")) {
    unsigned milliseconds = 0;
    const auto* const end = header->data() + header->size();
    const auto [stopped, bad] = std::from_chars(header->data(), end, milliseconds);
    if (bad == std::errc() && stopped == end)
      return std::min<Duration>(std::chrono::milliseconds(milliseconds), 1h);
  }
  const auto header = response.header("Retry-After");
  return header ? parse_retry_after(*header, now) : std::nullopt;
}

std::string unexpected(const Failure& failure)
{
  const std::string status = "HTTP " + std::to_string(failure.status);
  if (failure.is_html)
    return "a proxy or captive portal answered instead of AWS (" + status +
           " with HTML): check HTTPS_PROXY and the network's log-in page";
  if (failure.status >= 300 && failure.status < 400)
    return "redirects elsewhere (" + status + "), which is not followed: check AWS_ENDPOINT_URL";
  if (!failure.code.empty())
    return "does not take purser's request (" + failure.code +
           "): check the endpoint and the region";
  return "answered what AWS does not (" + status + "): check AWS_ENDPOINT_URL and HTTPS_PROXY";
}

std::string sentence(const Failure& failure, const Attempt& attempt)
{
  const std::string code = " (" + shown_code(failure) + ")";
  switch (failure.kind) {
  case Errc::rejected:
    return "AWS rejected the " + attempt.credential + " of " + attempt.place + code +
           (attempt.check.empty() ? ": check who issues it, and whom AWS expects"
                                  : ": check the key with \"" + attempt.check + "\"");
  case Errc::expired_source:
    return attempt.check.empty() ? "the " + attempt.credential + " of " + attempt.place +
                                       " has expired" + code + ": whoever writes it has to renew it"
                                 : "the session of " + attempt.place + " has expired" + code +
                                       ": renew it and set the new keys";
  case Errc::forbidden:
    return "the " + attempt.credential + " of " + attempt.place + " may not do this" + code +
           ": allow " + attempt.actions + " in its IAM policy";
  case Errc::throttled: return "AWS was asked too often" + code + ": wait, and ask less often";
  case Errc::transient: return "AWS has a fault" + code + ": try again in a moment";
  case Errc::misconfigured:
    return "the proxy wants a user name and a password" + code + ": put them into HTTPS_PROXY";
  default: return unexpected(failure);
  }
}

} // namespace

std::string shown_code(const Failure& failure)
{
  return failure.code.empty() ? "HTTP " + std::to_string(failure.status) : failure.code;
}

Failure read_failure(const HttpResponse& response, WallTime now)
{
  Failure failure;
  failure.status = response.status;
  failure.is_html = looks_like_html(response);
  if (!failure.is_html) failure.code = find_code(response);
  // Emulators of AWS call their errors HTML, too.
  if (failure.code.empty() && says_html(response)) failure.is_html = true;
  failure.kind = kind_of(failure);
  failure.retry_after = find_retry_after(response, now);
  const auto id = response.header("x-amzn-RequestId");
  if (id && is_code(*id)) failure.request_id = *id;
  return failure;
}

bool may_be_clock_skew(std::string_view code)
{
  return std::find(k_skew_codes.begin(), k_skew_codes.end(), without_ending(code)) !=
         k_skew_codes.end();
}

Error to_error(const Failure& failure, const Attempt& attempt)
{
  Error error = with_remedy({failure.kind, attempt.host + ": " + sentence(failure, attempt)});
  error.retry_after = failure.retry_after;
  return error;
}

} // namespace purser::aws
