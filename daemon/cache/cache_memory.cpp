#include "daemon/cache/cache_memory.hpp"

#include "daemon/cache/cache_format.hpp"
#include "daemon/store/byte_format.hpp"
#include "daemon/store/file_error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace purser {
namespace {

constexpr std::size_t k_head_size = 16;
// Far more than is used: memory that was never written takes no room.
constexpr off_t k_place_size = off_t{2} * static_cast<off_t>(k_max_cache_size);
constexpr std::string_view k_name = "the memory that outlives the daemon";

off_t start(int place)
{
  return place * k_place_size;
}

bool read_at(int memory, off_t at, char* bytes, std::size_t size)
{
  while (size > 0) {
    const ssize_t n = ::pread(memory, bytes, size, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

Result<> write_at(int memory, off_t at, std::string_view bytes)
{
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(memory, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error("write to", k_name, errno);
    at += n;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

} // namespace

Result<CacheMemory> CacheMemory::make()
{
  FileDescriptor memory(::memfd_create("purser-cache", MFD_CLOEXEC));
  if (!memory.is_open() || ::fchmod(memory.number(), 0600) != 0 ||
      ::ftruncate(memory.number(), start(2)) != 0)
    return file_error("make", k_name, errno);
  return CacheMemory(std::move(memory));
}

bool CacheMemory::is_one(int descriptor)
{
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0 &&
         status.st_uid == ::geteuid() && ::fcntl(descriptor, F_GET_SEALS) >= 0;
}

std::vector<WipingBuffer> CacheMemory::versions() const
{
  const int newest = head(0).sequence >= head(1).sequence ? 0 : 1;
  std::vector<WipingBuffer> found;
  for (const int place : {newest, 1 - newest}) {
    const Head read = head(place);
    if (read.size == 0 || read.size > k_max_cache_size) continue;
    WipingBuffer bytes(static_cast<std::size_t>(read.size));
    if (read_at(memory_.number(), start(place) + off_t{k_head_size}, bytes.data(), bytes.size()))
      found.push_back(std::move(bytes));
  }
  return found;
}

Result<> CacheMemory::write(const ByteSource& source)
{
  const int newest = head(0).sequence >= head(1).sequence ? 0 : 1;
  const int other = 1 - newest;
  give_back(other);
  const auto size = write_body(other, source);
  if (!size) return size.error();
  std::string text;
  append_number(text, *size, 8);
  append_number(text, head(newest).sequence + 1, 8);
  auto headed = write_at(memory_.number(), start(other), text);
  if (headed) give_back(newest); // what was erased since is gone with it
  return headed;
}

Result<std::uint64_t> CacheMemory::write_body(int place, const ByteSource& source) const
{
  const off_t begin = start(place) + off_t{k_head_size};
  off_t at = begin;
  const auto sink = [this, &at](std::string_view piece) {
    auto written = write_at(memory_.number(), at, piece);
    at += static_cast<off_t>(piece.size());
    return written;
  };
  if (const auto given = source(sink); !given) return given.error();
  return static_cast<std::uint64_t>(at - begin);
}

void CacheMemory::clear()
{
  give_back(0);
  give_back(1);
}

CacheMemory::Head CacheMemory::head(int place) const
{
  std::array<char, k_head_size> bytes{};
  if (!read_at(memory_.number(), start(place), bytes.data(), bytes.size())) return {};
  ByteReader reader({bytes.data(), bytes.size()});
  const auto size = reader.number(8);
  const auto sequence = reader.number(8);
  return {size.value_or(0), sequence.value_or(0)};
}

void CacheMemory::give_back(int place)
{
  (void)::fallocate(memory_.number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start(place),
                    k_place_size);
}

} // namespace purser
