#include "daemon/seal/program_pages.hpp"

#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace purser {
namespace {

// The kernel's own code in this process, which lies in no file.
bool is_of_the_kernel(const dl_phdr_info& object)
{
  const std::uintptr_t begin = ::getauxval(AT_SYSINFO_EHDR);
  return begin != 0 && object.dlpi_addr == begin;
}

// As dl_iterate_phdr() calls it. What may be written to is left alone, also where it was made
// read-only after relocation: it differs from the file.
int give_back(dl_phdr_info* object, std::size_t /*size*/, void* /*unused*/)
{
  if (is_of_the_kernel(*object)) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    const std::uintptr_t first = begin / page * page;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the linker's tables have numbers
    ::madvise(reinterpret_cast<void*>(first), begin + segment.p_filesz - first, MADV_DONTNEED);
  }
  return 0;
}

} // namespace

void give_back_program_pages()
{
  ::dl_iterate_phdr(give_back, nullptr);
}

} // namespace purser
