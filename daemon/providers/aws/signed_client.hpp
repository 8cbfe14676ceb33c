#pragma once

#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/providers/aws/clock_offsets.hpp"
#include "daemon/providers/aws/sigv4.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

namespace purser::aws {

// Signs requests and sends them. Where a host refuses a signature because its clock and ours
// differ, it signs once more by the host's clock, and by that from then on.
class SignedClient {
public:
  SignedClient(Clock& clock, HttpClient& http) : clock_(clock), http_(http) {}

  struct Answer {
    Answer(HttpResponse r, BootTime s) : response(std::move(r)), sent_at(s) {}

    HttpResponse response;
    BootTime sent_at; // the last time that it was sent
  };
  // Errors: those of sign() and of the HttpClient.
  [[nodiscard]] boost::asio::awaitable<Result<Answer>>
  send(HttpRequest request, AwsKeys keys, SigningScope scope);

  [[nodiscard]] const ClockOffsets& offsets() const { return offsets_; }
  // After our clock was set.
  void forget_offsets() { offsets_.forget(); }

private:
  [[nodiscard]] bool was_clock_wrong(const HttpResponse& response, const std::string& host);

  Clock& clock_;
  HttpClient& http_;
  ClockOffsets offsets_;
};

// The host of a URL as people write it, for errors.
[[nodiscard]] std::string host_of(const std::string& url);

// What the host's clock said when it answered; ours where it did not say.
[[nodiscard]] WallTime time_of(const HttpResponse& response, const Clock& clock);

} // namespace purser::aws
