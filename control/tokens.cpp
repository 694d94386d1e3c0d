#include "control/tokens.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace pult::control {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kDeskPrefix = "desk:"; // no name that people give has a colon
constexpr std::size_t kMaxTokens = 200;           // a crew, its scripts and its panels

const std::vector<std::string>& role_names() {
  static const std::vector<std::string> names{"view", "graphics", "operate", "organise", "admin"};
  return names;
}

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::vector<std::string> names_of(const std::vector<TokenRecord>& tokens) {
  std::vector<std::string> names;
  for (const auto& token : tokens)
    names.push_back(token.name);
  return names;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

} // namespace

Result<Role> role_named(const std::string& name) {
  const auto& names = role_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<Role>(found - names.begin());
  return Error{Errc::kNotFound,
               fmt::format("no role \"{}\"{} (roles: {})", name, did_you_mean(name, names), fmt::join(names, ", "))};
}

const std::string& name_of(Role role) {
  return role_names()[static_cast<std::size_t>(role)];
}

Result<std::string> new_secret() {
  std::array<unsigned char, kSecretBytes> secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1)
    return Error{Errc::kLibrary, "the system gives no random numbers"};
  return hex(secret.data(), secret.size());
}

std::string hash_of_secret(std::string_view secret) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest.data());
  return hex(digest.data(), digest.size());
}

Result<NewToken> add_token(std::vector<TokenRecord> tokens, const std::string& name, const std::string& role,
                           Nanoseconds now) {
  if (auto known = role_named(role); !known) return known.error();
  if (!is_name(name))
    return Error{Errc::kInvalidArgument, "a token's name is of letters, digits, - _ and ., 64 at most"};
  for (const auto& token : tokens)
    if (token.name == name)
      return Error{Errc::kAlreadyExists, fmt::format("token \"{}\" is there already; revoke it first", name)};
  if (tokens.size() >= kMaxTokens) return Error{Errc::kLimit, fmt::format("{} tokens are enough", kMaxTokens)};
  auto secret = new_secret();
  if (!secret) return secret.error();
  tokens.push_back({name, role, hash_of_secret(*secret), now});
  return NewToken{*secret, std::move(tokens)};
}

Result<NewToken> add_desk_session(std::vector<TokenRecord> tokens, Role role, Nanoseconds now) {
  std::erase_if(tokens, [&](const auto& token) { return has_ended(token, now); });
  if (tokens.size() >= kMaxTokens) return Error{Errc::kLimit, fmt::format("{} tokens are enough", kMaxTokens)};
  auto secret = new_secret();
  if (!secret) return secret.error();
  const auto hash = hash_of_secret(*secret);
  tokens.push_back({std::string(kDeskPrefix) + hash.substr(0, 6), name_of(role), hash, now});
  return NewToken{*secret, std::move(tokens)};
}

bool has_ended(const TokenRecord& token, Nanoseconds now) {
  return token.name.starts_with(kDeskPrefix) && now - token.created >= kDeskSession;
}

Result<std::vector<TokenRecord>> revoke_token(std::vector<TokenRecord> tokens, const std::string& name) {
  const auto names = names_of(tokens);
  if (std::erase_if(tokens, [&](const auto& token) { return token.name == name; }) > 0) return tokens;
  return Error{Errc::kNotFound, fmt::format("no token \"{}\"{}", name, did_you_mean(name, names))};
}

std::optional<TokenRecord> holder_of(std::string_view authorization, const std::vector<TokenRecord>& tokens,
                                     Nanoseconds now) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return std::nullopt;
  return holder_of_secret(authorization.substr(kScheme.size()), tokens, now);
}

std::optional<TokenRecord> holder_of_secret(std::string_view secret, const std::vector<TokenRecord>& tokens,
                                            Nanoseconds now) {
  const auto hash = hash_of_secret(secret);
  std::optional<TokenRecord> holder;
  for (const auto& token : tokens)
    if (token.hash.size() == hash.size() && CRYPTO_memcmp(token.hash.data(), hash.data(), hash.size()) == 0 &&
        !has_ended(token, now))
      holder = token;
  return holder;
}

} // namespace pult::control
