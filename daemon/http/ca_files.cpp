#include "daemon/http/ca_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace purser {
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t k_max_file = std::int64_t{8} << 20; // Debian's bundle has 0.2 MiB
constexpr std::size_t k_max_files = 2000;                  // in a folder without hashed names

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

Error unusable(const std::string& path, std::string_view why)
{
  return Error{Errc::misconfigured,
               "cannot use the certificates in " + path + ": " + std::string(why)};
}

Error unusable(const std::string& path, int system_error)
{
  return unusable(path, std::generic_category().message(system_error));
}

class File {
public:
  // Does not wait for the other end of a FIFO.
  explicit File(const std::string& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
  {
  }
  ~File()
  {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

private:
  int fd_;
};

Result<std::string> read_all(const std::string& path)
{
  const File file(path);
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) return unusable(path, errno);
  if (!S_ISREG(status.st_mode)) return unusable(path, "it is no regular file");
  if (status.st_size > k_max_file) return unusable(path, "it is too large");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unusable(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

// How many certificates there were. Damaged ones are passed over.
std::size_t add_certificates(X509_STORE& store, const std::string& pem)
{
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::size_t count = 0;
  while (bio && BIO_pending(bio.get()) > 0) {
    const std::unique_ptr<X509, FreeCertificate> certificate(
        PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
    if (certificate && X509_STORE_add_cert(&store, certificate.get()) == 1) ++count;
  }
  ERR_clear_error();
  return count;
}

// `9d04f354.0`: c_rehash(1)
bool is_hashed_name(const std::string& name)
{
  constexpr std::size_t k_hash = 8;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() > k_hash + 1 && name[k_hash] == '.' &&
         std::all_of(name.begin(), name.begin() + k_hash, is_hex) &&
         std::all_of(name.begin() + k_hash + 1, name.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

Result<> add_files_of(X509_STORE& store, const std::string& folder)
{
  std::error_code failed;
  std::size_t seen = 0;
  std::size_t count = 0;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator() && seen < k_max_files;
       entry.increment(failed)) {
    ++seen;
    const auto pem = read_all(entry->path().string());
    if (pem) count += add_certificates(store, *pem);
  }
  if (failed) return unusable(folder, failed.message());
  if (count == 0) return unusable(folder, "no file in it has a certificate in PEM form");
  return {};
}

} // namespace

Result<CaFileStamp> ca_file_stamp(const std::string& path)
{
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return unusable(path, errno);
  constexpr std::int64_t k_ns = 1'000'000'000;
  CaFileStamp stamp;
  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = status.st_size;
  stamp.changed_ns = status.st_mtim.tv_sec * k_ns + status.st_mtim.tv_nsec;
  return stamp;
}

Result<> add_file(X509_STORE& store, const std::string& path)
{
  const auto pem = read_all(path);
  if (!pem) return pem.error();
  if (add_certificates(store, *pem) == 0) {
    return unusable(path, "there is no certificate in PEM form in it");
  }
  return {};
}

bool has_hashed_names(const std::string& folder)
{
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (is_hashed_name(entry->path().filename().string())) return true;
  }
  return false;
}

Result<> add_folder(X509_STORE& store, const std::string& folder)
{
  if (!has_hashed_names(folder)) return add_files_of(store, folder);
  if (X509_STORE_load_path(&store, folder.c_str()) != 1) return unusable(folder, "out of memory");
  return {};
}

} // namespace purser
