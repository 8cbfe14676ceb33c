// Arbitrary bytes as AWS's error: the line that people get is one line of plain text.
#include "daemon/providers/aws/aws_error.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  using namespace purser;
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto head = text.substr(0, text.find('\n'));
  const auto body = text.substr(std::min(size, head.size() + 1));
  std::vector<HttpHeader> headers{{"X-Amzn-ErrorType", std::string(head)},
                                  {"Retry-After", std::string(head)},
                                  {"x-amzn-RequestId", std::string(head)}};
  const HttpResponse response(400, std::move(headers), Secret(body));
  const auto failure = aws::read_failure(response, WallTime{});
  const aws::Attempt attempt{"host", "the environment", "aws", "ecr:GetAuthorizationToken"};
  for (const char c : aws::to_error(failure, attempt).what) {
    if (c < ' ' || c >= '\x7f') std::abort();
  }
  return 0;
}
