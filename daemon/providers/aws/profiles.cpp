#include "daemon/providers/aws/profiles.hpp"

#include "common/file_descriptor.hpp"
#include "common/wiping.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_file = std::size_t{1} << 20;

Error unusable(const std::string& path, std::string_view why)
{
  return Error{Errc::misconfigured, "cannot read " + path + ": " + std::string(why)};
}

Error unusable(const std::string& path, int error)
{
  return unusable(path, std::generic_category().message(error));
}

Result<WipingBuffer> read_all(int file, std::size_t expected, const std::string& path)
{
  WipingBuffer bytes(expected + 1); // one more, to see the end
  std::size_t size = 0;
  for (;;) {
    if (size > k_max_file) return unusable(path, "it is over 1 MiB");
    if (size == bytes.size()) bytes.resize(size * 2);
    const ssize_t got = ::read(file, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unusable(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

bool is_open_to_others(const struct stat& status)
{
  return (status.st_uid != ::geteuid() && status.st_uid != 0) ||
         (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

// Empty where there is no such file. Never waits for a writer of a pipe. Notes the name of a file
// that others can write.
Result<WipingBuffer> read_file(const std::string& path, std::string& open_file)
{
  if (path.empty()) return WipingBuffer{};
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return WipingBuffer{};
    return unusable(path, errno);
  }
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return unusable(path, errno);
  if (!S_ISREG(status.st_mode)) return unusable(path, "it is no regular file");
  if (is_open_to_others(status)) open_file = path;
  const auto size = static_cast<std::size_t>(status.st_size);
  return read_all(file.number(), std::min(size, k_max_file), path);
}

Result<SharedFile>
read_shared(const std::string& path, SharedFile::Kind kind, std::string& open_file)
{
  auto bytes = read_file(path, open_file);
  if (!bytes) return bytes.error();
  return SharedFile::parse({bytes->data(), bytes->size()}, kind, path);
}

// What belongs to the key of one file is of no use to that of the other.
void drop_rest_of_key(Section& section)
{
  section.properties.erase("aws_secret_access_key");
  section.properties.erase("aws_session_token");
}

} // namespace

Profiles::Profiles(SharedFile config,
                   SharedFile credentials,
                   ProfilePaths paths,
                   std::string open_file)
  : profiles_(std::move(config.profiles))
  , services_(std::move(config.services))
  , sso_sessions_(std::move(config.sso_sessions))
  , paths_(std::move(paths))
  , open_file_(std::move(open_file))
{
  for (auto& [name, section] : credentials.profiles) {
    Section& merged = profiles_[name];
    if (find_property(section, "aws_access_key_id")) drop_rest_of_key(merged);
    for (auto& [property, value] : section.properties)
      merged.properties.insert_or_assign(property, std::move(value));
    for (auto& [property, values] : section.nested)
      merged.nested.insert_or_assign(property, std::move(values));
  }
}

const Section* Profiles::profile(std::string_view name) const
{
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : &found->second;
}

const Section* Profiles::services(std::string_view name) const
{
  const auto found = services_.find(name);
  return found == services_.end() ? nullptr : &found->second;
}

const Section* Profiles::sso_session(std::string_view name) const
{
  const auto found = sso_sessions_.find(name);
  return found == sso_sessions_.end() ? nullptr : &found->second;
}

Result<Profiles> read_profiles(const ProfilePaths& paths)
{
  std::string open_file;
  auto config = read_shared(paths.config, SharedFile::Kind::config, open_file);
  if (!config) return config.error();
  auto credentials = read_shared(paths.credentials, SharedFile::Kind::credentials, open_file);
  if (!credentials) return credentials.error();
  return Profiles(std::move(*config), std::move(*credentials), paths, std::move(open_file));
}

std::optional<std::string_view> find_property(const Section& section, std::string_view name)
{
  const auto found = section.properties.find(name);
  if (found == section.properties.end()) return std::nullopt;
  const std::string_view value = found->second.reveal();
  if (value.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::nullopt;
  return value;
}

} // namespace purser::aws
