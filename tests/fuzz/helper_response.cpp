// Arbitrary bytes as a daemon's response, in arbitrary pieces: what is taken for one
// is whole and within its limits, and does not depend on how it was cut.
#include "helper/response.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using purser::helper::Response;

std::array<char, 1 << 16> whole_space;
std::array<char, 1 << 16> cut_space;

Response::State feed(Response& response, std::string_view bytes, std::size_t piece)
{
  auto state = Response::State::incomplete;
  while (!bytes.empty() && state == Response::State::incomplete) {
    const auto space = response.free_space();
    if (space.empty()) std::abort();
    const std::size_t size = std::min({piece, bytes.size(), space.size()});
    std::copy_n(bytes.begin(), size, space.begin());
    bytes.remove_prefix(size);
    state = response.received(size);
  }
  return state;
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  if (size < 1) return 0;
  const std::size_t piece = input[0] + std::size_t{1};
  const std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);

  Response whole(whole_space);
  Response cut(cut_space);
  const auto state = feed(whole, bytes, bytes.size());
  if (feed(cut, bytes, piece) != state) std::abort();
  if (state != Response::State::complete) return 0;
  if (whole.body() != cut.body() || whole.status() != cut.status()) std::abort();
  if (whole.status() < 200 || whole.status() > 999) std::abort();
  if (bytes.find(whole.body()) == bytes.npos) std::abort();
  return 0;
}
