#include "daemon/observe/process_memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace purser {

ProcessMemory process_memory()
{
  ProcessMemory memory;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  memory.peak = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  std::ifstream pages("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (pages >> all >> resident)
    memory.resident = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return memory;
}

} // namespace purser
