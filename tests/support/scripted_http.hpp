#pragma once

#include "daemon/http/http_client.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {

// Answers with what the test wrote down, in that order, and remembers what it was asked.
class ScriptedHttp final : public HttpClient {
public:
  boost::asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override
  {
    requests.push_back(std::move(request));
    if (answers_.empty()) co_return Error{Errc::internal, "the script has ended"};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    co_return answer;
  }

  void answer(unsigned status, std::string_view body, std::vector<HttpHeader> headers = {})
  {
    answers_.emplace_back(HttpResponse(status, std::move(headers), Secret(body)));
  }
  void drop_answers() { answers_.clear(); }
  void fail(Errc code, std::string what) { answers_.emplace_back(Error{code, std::move(what)}); }

  std::vector<HttpRequest> requests;

private:
  std::deque<Result<HttpResponse>> answers_;
};

} // namespace purser::test
