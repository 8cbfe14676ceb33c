#include "daemon/server/docker_messages.hpp"

#include "common/ascii.hpp"
#include "common/docker_words.hpp"
#include "daemon/server/json_text.hpp"

#include <algorithm>

namespace purser::docker {
namespace {

// What to do about a failure on the network that may pass by itself.
std::string_view remedy(Errc code)
{
  switch (code) {
  case Errc::transient: return "; check the network or the proxy and try again";
  case Errc::timeout: return "; check the network or the proxy, or try again later";
  case Errc::throttled: return "; try again later";
  default: return "";
  }
}

// The RegistryKey of a stored name as docker would write it.
std::string_view spelled_for_docker(const std::optional<RegistryKey>& key, std::string_view text)
{
  return key ? key->docker_spelling() : text;
}

} // namespace

Result<HelperBody> parse_helper_body(std::string_view body)
{
  HelperBody parsed;
  std::string_view rest = body;
  WipingBuffer entries;
  entries.reserve(body.size());
  for (;;) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos)
      return Error{Errc::bad_request, "the request's body has no end of its variables"};
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (entry.empty()) break;
    if (entry.front() == '/') {
      parsed.cwd = std::string(entry);
      continue;
    }
    append(entries, entry);
    entries.push_back('\0');
  }
  parsed.env = Environment(std::string_view(entries.data(), entries.size()));
  parsed.input = rest;
  return parsed;
}

std::string_view trimmed(std::string_view text)
{
  return purser::trimmed(text, " \t\r\n\v\f");
}

WipingBuffer
credential_json(std::string_view server_url, std::string_view username, const Secret& secret)
{
  WipingBuffer out;
  out.reserve(64 + 2 * (server_url.size() + username.size()) + secret.reveal().size()); // mostly
  append(out, R"({"ServerURL":)");
  append_json_string(out, server_url);
  append(out, R"(,"Username":)");
  append_json_string(out, username);
  append(out, R"(,"Secret":)");
  append_json_string(out, secret.reveal());
  append(out, "}\n");
  return out;
}

WipingBuffer list_json(const std::vector<StoredName>& names, std::size_t most)
{
  WipingBuffer out;
  append(out, "{");
  for (const StoredName& name : names) {
    const auto key = RegistryKey::parse(name.key);
    WipingBuffer member;
    if (out.size() > 1) member.push_back(',');
    append_json_string(member, spelled_for_docker(key, name.key));
    member.push_back(':');
    append_json_string(member, name.username);
    if (out.size() + member.size() + 2 > most) break;
    append(out, {member.data(), member.size()});
  }
  append(out, "}\n");
  return out;
}

const Error& no_registry()
{
  static const Error error(Errc::bad_request,
                           "this is not the name of a registry; expected HOST[:PORT][/REPOSITORY]");
  return error;
}

std::string explained(const Error& error)
{
  std::string text = error.what;
  if (!error.says_remedy) text += remedy(error.code);
  return text;
}

std::string error_line(std::string_view host, const Error& error)
{
  std::string line = "purser: ";
  line += host;
  line += ": ";
  line += explained(error);
  // Some clients look for the sentence anywhere in the text.
  for (auto at = line.find(docker_words::k_not_found); at != std::string::npos;
       at = line.find(docker_words::k_not_found))
    line.replace(at, docker_words::k_not_found.size(), "no credentials");
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (line.size() > k_max_line) line.resize(k_max_line);
  line += '\n';
  return line;
}

} // namespace purser::docker
