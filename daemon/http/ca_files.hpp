#pragma once

#include "common/result.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

namespace purser {

struct FreeStore {
  void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};
using StorePtr = std::unique_ptr<X509_STORE, FreeStore>;

// Tells one state of a file from another.
struct CaFileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const CaFileStamp&, const CaFileStamp&) = default;
};

// All of these block. Failures are Errc::misconfigured and name the path.

[[nodiscard]] Result<CaFileStamp> ca_file_stamp(const std::string& path);

// Adds the certificates of a PEM file; one that has none is an error.
[[nodiscard]] Result<> add_file(X509_STORE& store, const std::string& path);

// Makes certificates be looked up by their hash in `folder` when needed; where no name
// in it is a hash, adds all its files now.
[[nodiscard]] Result<> add_folder(X509_STORE& store, const std::string& folder);

[[nodiscard]] bool has_hashed_names(const std::string& folder);

} // namespace purser
