// Tokens of the crew's TCP side: who holds one may do what its role allows.
//
// A token is 32 random bytes in hex, shown once; pult.db keeps its SHA-256 (a slow hash is for passwords that people
// think up). Compared in constant time, against every token, so that time tells nothing. Pure but for chance; any
// thread.
#pragma once

#include "base/result.hpp"
#include "control/kept.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

// Each may what those before it may.
enum class Role { kView, kGraphics, kOperate, kOrganise, kAdmin };
Result<Role> role_named(const std::string& name);
const std::string& name_of(Role role);

struct NewToken {
  std::string secret; // shown once
  std::vector<TokenRecord> tokens;
};
// Refused: a name that is there already, or no name.
Result<NewToken> add_token(std::vector<TokenRecord> tokens, const std::string& name, const std::string& role,
                           Nanoseconds now);
Result<std::vector<TokenRecord>> revoke_token(std::vector<TokenRecord> tokens, const std::string& name);

// Who is it? Nothing when the header holds no token of ours. `authorization`: "Bearer …".
std::optional<TokenRecord> holder_of(std::string_view authorization, const std::vector<TokenRecord>& tokens);

} // namespace pult::control
