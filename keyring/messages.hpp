#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "common/wiping.hpp"
#include "keyring/keyring.hpp"

#include <string>
#include <string_view>
#include <vector>

// What comes on standard input and goes to standard output.
namespace purser::keyring {

struct StoreMessage {
  RegistryKey key;
  std::string username;
  WipingBuffer secret;
};

// bad_request where the text is not of the form; it is never quoted.
[[nodiscard]] Result<RegistryKey> parse_key(std::string_view text);
[[nodiscard]] Result<StoreMessage> parse_store_message(std::string_view text);

// A line of JSON. bad_request where what is stored is no UTF-8.
[[nodiscard]] Result<std::string> credential_line(const RegistryKey& key,
                                                  const Credential& credential);
[[nodiscard]] std::string list_line(const std::vector<Name>& names);

// `{"Default":"unlocked","Entries":true}` and a line feed.
[[nodiscard]] std::string survey_line(const Survey& survey);

} // namespace purser::keyring
