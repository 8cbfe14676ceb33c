#include "daemon/providers/aws/aws_error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

struct Row {
  unsigned status;
  std::string_view body;
  std::string_view header; // X-Amzn-ErrorType
  Errc kind;
  std::string_view code;
};

constexpr std::array k_rows{
    Row{400, R"({"__type":"UnrecognizedClientException"})", "", Errc::rejected,
        "UnrecognizedClientException"},
    Row{400, R"({"__type":"com.amazonaws.ecr#InvalidSignatureException"})", "", Errc::rejected,
        "InvalidSignatureException"},
    Row{403, R"({"code":"InvalidClientTokenId"})", "", Errc::rejected, "InvalidClientTokenId"},
    Row{403, R"({"__type":"x#ExpiredTokenException:http://y"})", "", Errc::expired_source,
        "ExpiredTokenException"},
    Row{400, R"({"__type":"AccessDeniedException"})", "", Errc::forbidden, "AccessDeniedException"},
    Row{400, R"({"__type":"ThrottlingException"})", "", Errc::throttled, "ThrottlingException"},
    Row{400, R"({"__type":"TooManyRequestsException"})", "", Errc::throttled,
        "TooManyRequestsException"},
    Row{429, "", "", Errc::throttled, ""},
    Row{500, R"({"__type":"ServerException"})", "", Errc::transient, "ServerException"},
    Row{503, "", "", Errc::transient, ""},
    Row{502, "<html></html>", "", Errc::transient, ""},
    Row{400, R"({"__type":"RequestTimeoutException"})", "", Errc::transient,
        "RequestTimeoutException"},
    Row{400, R"({"__type":"InvalidParameterException"})", "", Errc::protocol_error,
        "InvalidParameterException"},
    Row{404, "page not found", "", Errc::protocol_error, ""},
    Row{302, "", "", Errc::protocol_error, ""},
    Row{407, "", "", Errc::misconfigured, ""},
    Row{200, "<HTML>log in</HTML>", "", Errc::protocol_error, ""},
    // The header comes first, then `code`, then `__type`.
    Row{400, R"({"__type":"ThrottlingException"})", "AccessDeniedException:http://x/",
        Errc::forbidden, "AccessDeniedException"},
    Row{400, R"({"__type":"ThrottlingException","code":"AccessDenied"})", "", Errc::forbidden,
        "AccessDenied"},
    Row{400, R"({"__type":17,"Code":"AccessDenied"})", "", Errc::forbidden, "AccessDenied"},
    // XML, of other protocols and of emulators.
    Row{403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>", "",
        Errc::expired_source, "ExpiredToken"},
    Row{400, "<Code>Throttling", "", Errc::throttled, "Throttling"},
    // What is no code is not shown.
    Row{400, R"({"__type":"bad\ncode with words"})", "", Errc::protocol_error, ""},
    Row{400, "<Code>a b</Code>", "", Errc::protocol_error, ""},
    Row{400, R"([[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[)", "", Errc::protocol_error, ""},
    Row{400, R"("AccessDenied")", "", Errc::protocol_error, ""},
};

HttpResponse response(const Row& row)
{
  std::vector<HttpHeader> headers;
  if (!row.header.empty()) headers.push_back({"x-amzn-errortype", std::string(row.header)});
  return HttpResponse(row.status, std::move(headers), Secret(row.body));
}

TEST(AwsError, IsUnderstoodInEveryForm)
{
  for (const auto& row : k_rows) {
    const auto failure = read_failure(response(row), WallTime{});
    EXPECT_EQ(to_string(failure.kind), to_string(row.kind)) << row.status << " " << row.body;
    EXPECT_EQ(failure.code, row.code) << row.body;
  }
}

TEST(AwsError, IsHtmlWhereItLooksSoOrSaysSoAndNothingElse)
{
  const auto read = [](const char* type, const char* body) {
    std::vector<HttpHeader> headers{{"Content-Type", type}};
    return read_failure(HttpResponse(403, std::move(headers), Secret(body)), WallTime{});
  };
  EXPECT_TRUE(read("text/html", "log in").is_html);
  EXPECT_TRUE(read("text/xml", "<html><Code>AccessDenied</Code></html>").is_html);
  EXPECT_EQ(read("text/xml", "<html><Code>AccessDenied</Code></html>").code, "");
  const auto emulated =
      read("text/html; charset=utf-8", "<Error><Code>AccessDenied</Code></Error>");
  EXPECT_FALSE(emulated.is_html);
  EXPECT_EQ(emulated.code, "AccessDenied");
}

TEST(AwsError, SaysWhoWhyAndWhatToDo)
{
  const Attempt attempt{"api.example", "access key", "profile \"prod\"", "aws sts x",
                        "ecr:GetAuthorizationToken"};
  for (const auto& row : k_rows) {
    const auto error = to_error(read_failure(response(row), WallTime{}), attempt);
    EXPECT_EQ(error.what.rfind("api.example: ", 0), 0U) << error.what;
    EXPECT_NE(error.what.find(": ", 13), std::string::npos) << error.what;
    EXPECT_EQ(error.what.find('\n'), std::string::npos) << error.what;
  }
  const Failure denied{Errc::forbidden, "AccessDeniedException", "", 400, false, std::nullopt};
  EXPECT_NE(to_error(denied, attempt).what.find("ecr:GetAuthorizationToken"), std::string::npos);
}

TEST(AwsError, TellsHowLongToWait)
{
  const auto wait = [](HttpHeader header) {
    return read_failure(HttpResponse(429, {std::move(header)}, Secret()), WallTime(784111777s))
        .retry_after;
  };
  EXPECT_EQ(wait({"x-amz-retry-after", "1500"}), Duration(1500ms));
  EXPECT_EQ(wait({"x-amz-retry-after", "-5"}), std::nullopt);
  EXPECT_EQ(wait({"Retry-After", "7"}), Duration(7s));
  EXPECT_EQ(wait({"Retry-After", "0"}), Duration(1s));
  EXPECT_EQ(wait({"Retry-After", "999999999999"}), Duration(1h));
  EXPECT_EQ(wait({"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}), Duration(60s));
  EXPECT_EQ(wait({"Retry-After", "soon"}), std::nullopt);
}

TEST(AwsError, OnlySomeCodesMayComeFromAWrongClock)
{
  EXPECT_TRUE(may_be_clock_skew("InvalidSignatureException"));
  EXPECT_TRUE(may_be_clock_skew("RequestTimeTooSkewed"));
  EXPECT_FALSE(may_be_clock_skew("UnrecognizedClientException"));
  EXPECT_FALSE(may_be_clock_skew(""));
}

} // namespace
} // namespace purser::aws
