#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "daemon/programs/program.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

namespace purser {

// Runs programs that the configuration names, through the broker process.
class ProgramBroker {
public:
  static constexpr std::size_t k_max_running = 32;

  // `broker` is what start_broker() returned; one that is not open refuses every program.
  ProgramBroker(boost::asio::any_io_executor ex, Clock& clock, FileDescriptor broker);

  // The standard output of a program that ended with 0 within `limit`, at most k_max_output
  // bytes. `name` stands for it in errors, which say how it ended and the last line that it
  // wrote to standard error, never its output: transient where it failed (nobody knows why),
  // timeout, protocol_error where it wrote too much, misconfigured where it cannot be started.
  //
  // A caller that is cancelled kills the program with all of its process group.
  [[nodiscard]] boost::asio::awaitable<Result<Secret>>
  run(Program program, std::string name, Duration limit);

private:
  boost::asio::awaitable<Result<Outcome>> exchange(Program program, Duration limit);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  FileDescriptor broker_;
  std::size_t running_ = 0;
};

} // namespace purser
