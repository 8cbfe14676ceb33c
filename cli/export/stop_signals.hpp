#pragma once

#include "common/file_descriptor.hpp"

#include <chrono>

namespace purser::cli {

// SIGTERM, SIGINT and SIGHUP of this process, as a file that can be waited for. From when it is
// made they interrupt nothing; programs that are started must be given another mask.
class StopSignals {
public:
  StopSignals();

  // Readable where this process is to end.
  [[nodiscard]] int number() const { return file_.number(); }
  // Whether that is so within `limit`.
  [[nodiscard]] bool wait(std::chrono::milliseconds limit) const;

private:
  FileDescriptor file_;
};

} // namespace purser::cli
