#pragma once

#include "daemon/programs/program_broker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace purser::aws {

// Runs the program of a profile (credential_process) for keys.
class ProcessIssuer {
public:
  // Everything is borrowed.
  ProcessIssuer(Clock& clock, ProgramBroker& programs) : clock_(clock), programs_(programs) {}

  // `program` is the text of a Program. Errors are those of ProgramBroker::run() and
  // parse_process_keys(), and name the profile.
  [[nodiscard]] boost::asio::awaitable<Obtained> run(AwsSourcePtr source, Secret program);

private:
  Clock& clock_;
  ProgramBroker& programs_;
};

// What such a program writes. protocol_error, which quotes nothing of it, where it is something
// else.
//
// Source: "Sourcing credentials with an external process", AWS CLI User Guide.
[[nodiscard]] Result<IssuedKeys> parse_process_keys(std::string_view output);

} // namespace purser::aws
