#include "daemon/registry/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace purser {
namespace asio = boost::asio;

namespace {

struct Range4 {
  std::uint32_t first;
  unsigned bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0)
{
  return a << 24U | b << 16U | c << 8U;
}

// IANA IPv4 Special-Purpose Address Registry, and multicast.
constexpr std::array k_special4{
    Range4{v4(0, 0), 8},          // "this network"
    Range4{v4(10, 0), 8},         // private
    Range4{v4(100, 64), 10},      // shared, carriers
    Range4{v4(127, 0), 8},        // loopback
    Range4{v4(169, 254), 16},     // link-local, metadata services
    Range4{v4(172, 16), 12},      // private
    Range4{v4(192, 0, 0), 24},    // protocol assignments
    Range4{v4(192, 0, 2), 24},    // documentation
    Range4{v4(192, 88, 99), 24},  // 6to4 relays, given up
    Range4{v4(192, 168), 16},     // private
    Range4{v4(198, 18), 15},      // benchmarks
    Range4{v4(198, 51, 100), 24}, // documentation
    Range4{v4(203, 0, 113), 24},  // documentation
    Range4{v4(224, 0), 4},        // multicast
    Range4{v4(240, 0), 4},        // reserved, broadcast
};

bool is_public(const asio::ip::address_v4& address)
{
  const auto number = address.to_uint();
  return std::none_of(k_special4.begin(), k_special4.end(), [number](const Range4& range) {
    return (number ^ range.first) >> (32U - range.bits) == 0;
  });
}

using Bytes6 = asio::ip::address_v6::bytes_type;

asio::ip::address_v4 embedded(const Bytes6& bytes, std::size_t at)
{
  return asio::ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
}

std::uint32_t group(const Bytes6& bytes, std::size_t index)
{
  return static_cast<std::uint32_t>(bytes[2 * index]) << 8U | bytes[2 * index + 1];
}

// 64:ff9b::/96, the way to IPv4 from networks without it (RFC 6052).
bool is_nat64(const Bytes6& bytes)
{
  return group(bytes, 0) == 0x64 && group(bytes, 1) == 0xff9b &&
         std::all_of(bytes.begin() + 4, bytes.begin() + 12, [](auto byte) { return byte == 0; });
}

// Only 2000::/3 is handed out; IANA IPv6 Special-Purpose Address Registry for what is special in
// it.
bool is_public(const asio::ip::address_v6& address)
{
  if (address.is_v4_mapped())
    return is_public(asio::ip::make_address_v4(asio::ip::v4_mapped, address));
  const auto bytes = address.to_bytes();
  if (is_nat64(bytes)) return is_public(embedded(bytes, 12));
  const auto first = group(bytes, 0);
  const auto second = group(bytes, 1);
  if (first == 0x2002) return is_public(embedded(bytes, 2)); // 6to4
  if (first == 0x2001 && second < 0x0200) return false;      // protocol assignments, Teredo
  if (first == 0x2001 && second == 0x0db8) return false;     // documentation
  if (first == 0x3fff && second < 0x1000) return false;      // documentation
  return first >> 13U == 1;
}

} // namespace

bool is_public_address(const asio::ip::address& address)
{
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

} // namespace purser
