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

constexpr int k_value_is_missing = ':'; // what getopt_long() says then

const std::array<option, 11>& known_options()
{
  static const std::array<option, 11> known{
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
  return known;
}

Error refused(const std::string& why)
{
  return {Errc::bad_request, "purserd: " + why + "; see purserd --help"};
}

Error wants_descriptor(int flag)
{
  for (const auto& known : known_options())
    if (known.val == flag && known.name != nullptr)
      return refused("--" + std::string(known.name) + " wants the number of a descriptor, from 3");
  return refused("unknown option");
}

std::optional<int> descriptor(std::string_view text)
{
  int fd = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (problem != std::errc{} || end != text.data() + text.size() || fd < 3) return std::nullopt;
  return fd;
}

// What goes together (k_usage).
Result<> check(const Options& options)
{
  if (options.once + options.started_by_helper + options.for_job > 1)
    return refused("--once, --started-by-helper and --for-job exclude each other");
  if (options.once && options.ready_fd)
    return refused("--once listens nowhere, so that --ready-fd has nothing to tell");
  if (options.listening_fd.has_value() != options.lock_fd.has_value())
    return refused("--listening-fd and --lock-fd are given together");
  return {};
}

} // namespace

Result<Options> parse_options(int argc, char** argv)
{
  Options options;
  opterr = 0;
  for (int flag = 0;
       (flag = getopt_long(argc, argv, ":", known_options().data(), nullptr)) != -1;) {
    if (flag == k_value_is_missing) return wants_descriptor(optopt);
    if (flag >= ready_fd && flag <= broker_fd && !descriptor(optarg)) return wants_descriptor(flag);
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
    default: return refused("unknown option");
    }
  }
  if (optind != argc) return refused("takes options alone, no other words");
  if (const auto checked = check(options); !checked) return checked.error();
  return options;
}

} // namespace purser
