#pragma once

#include "cli/run/job_folder.hpp"
#include "common/result.hpp"

#include <chrono>
#include <string>

namespace purser::cli::jobs {

// What a keeper is given by whoever started it.
struct KeeperOrder {
  JobFolder folder;
  FileDescriptor life;  // its end is the end of the job; not open: `job stop` says it
  FileDescriptor ready; // gets "ready\n", or one line with what is wrong; closed when all is gone
  std::string log;      // see JobOrder
};

// Keeps a job's own daemon, in a process of its own: listens on the job's socket, starts purserd
// for it, starts it again where it dies, and at the end of the job stops it and removes the folder.
// The end is that of `life`, a client of stop.sock, SIGTERM, or the loss of the folder; without a
// `life` also a day in which nobody asked. Returns the exit code.
[[nodiscard]] int keep(KeeperOrder order);

inline constexpr const char* k_agent_socket = "/agent.sock";
inline constexpr const char* k_stop_socket = "/stop.sock";

} // namespace purser::cli::jobs
