#include "daemon/http/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace purser {
namespace asio = boost::asio;

namespace {

asio::ip::address address_of(const sockaddr& from)
{
  if (from.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

} // namespace

Result<Addresses> resolve_by_system(const std::string& host)
{
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const int system_error = errno;
  if (failure == EAI_SYSTEM) {
    return Error{Errc::transient, std::generic_category().message(system_error)};
  }
  if (failure != 0) return Error{Errc::transient, gai_strerror(failure)};

  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, &freeaddrinfo);
  Addresses addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    addresses.push_back(address_of(*entry->ai_addr));
  }
  if (addresses.empty()) return Error{Errc::transient, "it has no address"};
  return addresses;
}

} // namespace purser
