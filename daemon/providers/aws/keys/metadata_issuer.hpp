#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser::aws {

// Asks what runs beside us for keys: the endpoint of the container, the metadata of the EC2
// instance. One question, no repetition.
class MetadataIssuer {
public:
  // Everything is borrowed.
  MetadataIssuer(Clock& clock, HttpClient& http, WorkerPool& files)
    : clock_(clock), http_(http), files_(files)
  {
  }

  // `token` is what the variable says; the token in the file that the source names wins.
  [[nodiscard]] boost::asio::awaitable<Obtained>
  ask_container(AwsSourcePtr source, Secret token, Egress egress);
  // The keys may have expired: then they live zero or less.
  [[nodiscard]] boost::asio::awaitable<Obtained> ask_instance(AwsSourcePtr source);

private:
  boost::asio::awaitable<Result<std::string>> open_metadata(std::string url);
  boost::asio::awaitable<Result<HttpResponse>>
  metadata_text(std::string url, std::string name, std::string token);

  Clock& clock_;
  HttpClient& http_;
  WorkerPool& files_;
};

} // namespace purser::aws
