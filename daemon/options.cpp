#include "daemon/options.hpp"

#include <getopt.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace purser {
namespace {

enum Flag : int {
  help = 1,
  version,
  once,
  started_by_helper,
  for_job,
  broker,
  ready_fd,
  listening_fd,
  lock_fd,
  broker_fd
};

std::optional<int> descriptor(std::string_view text)
{
  int fd = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (problem != std::errc{} || end != text.data() + text.size() || fd < 3) return std::nullopt;
  return fd;
}

} // namespace

Result<Options> parse_options(int argc, char** argv)
{
  static const std::array<option, 11> flags{
      option{"help", no_argument, nullptr, help},
      option{"version", no_argument, nullptr, version},
      option{"once", no_argument, nullptr, once},
      option{"started-by-helper", no_argument, nullptr, started_by_helper},
      option{"for-job", no_argument, nullptr, for_job},
      option{"ready-fd", required_argument, nullptr, ready_fd},
      option{"listening-fd", required_argument, nullptr, listening_fd},
      option{"lock-fd", required_argument, nullptr, lock_fd},
      option{"broker-fd", required_argument, nullptr, broker_fd},
      option{"broker", no_argument, nullptr, broker},
      option{nullptr, 0, nullptr, 0}};
  const Error unknown(Errc::bad_request, "purserd: unknown option; see purserd --help");
  Options options;
  opterr = 0;
  for (int flag = 0; (flag = getopt_long(argc, argv, "", flags.data(), nullptr)) != -1;) {
    if (flag >= ready_fd && flag <= broker_fd && !descriptor(optarg))
      return Error{Errc::bad_request, "purserd: --ready-fd and its like want a descriptor from 3"};
    switch (flag) {
    case help: options.help = true; break;
    case version: options.version = true; break;
    case once: options.once = true; break;
    case started_by_helper: options.started_by_helper = true; break;
    case for_job: options.for_job = true; break;
    case ready_fd: options.ready_fd = descriptor(optarg); break;
    case listening_fd: options.listening_fd = descriptor(optarg); break;
    case lock_fd: options.lock_fd = descriptor(optarg); break;
    case broker_fd: options.broker_fd = descriptor(optarg); break;
    case broker: options.broker = true; break;
    default: return unknown;
    }
  }
  if (optind != argc || options.listening_fd.has_value() != options.lock_fd.has_value())
    return unknown;
  return options;
}

} // namespace purser
