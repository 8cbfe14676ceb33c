#pragma once

#include "common/result.hpp"
#include "daemon/async/worker.hpp"

#include <boost/asio/awaitable.hpp>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace purser {

// The certificates that a server sent, its own first.
struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const noexcept;
};
using PeerChain = std::unique_ptr<STACK_OF(X509), FreeChain>;

// Which certificate authorities to believe, as the asking client's environment has it.
// What is named replaces the system's; with nothing named, the system's hashed folder,
// or its bundle where there is no such folder.
struct Authorities {
  Authorities() = default;
  Authorities(std::string f, std::string d) : file(std::move(f)), folder(std::move(d)) {}

  std::string file;   // PEM
  std::string folder; // hashed names, or else PEM files; several are separated by colons

  // The system's. The environment of the daemon does not count.
  static Authorities of_system();
};

// Verifies servers' certificates, on a WorkerPool: that reads files.
class TrustStore {
public:
  explicit TrustStore(WorkerPool& files);
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // Whether `chain` is valid now for the server `host`, a name or an address.
  //   unsafe         it is not: why, and what to do where that is known
  //   misconfigured  the file or folder cannot be used, and its path
  [[nodiscard]] boost::asio::awaitable<Result<>>
  verify(PeerChain chain, std::string host, Authorities authorities);

private:
  class Bundles;
  WorkerPool& files_;
  std::shared_ptr<Bundles> bundles_; // shared with jobs, which may outlive us
};

} // namespace purser
