// Tokens of the crew's TCP side: who holds one may do what its role allows.
//
// A desk's session is a token, too: its name begins with "desk:", and it ends by itself after kDeskSession.
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

inline constexpr std::chrono::hours kDeskSession{12};

// Each may what those before it may.
enum class Role { kView, kGraphics, kOperate, kOrganise, kAdmin };
Result<Role> role_named(const std::string& name);
const std::string& name_of(Role role);

Result<std::string> new_secret(); // 32 random bytes in hex
std::string hash_of_secret(std::string_view secret);

struct NewToken {
  std::string secret; // shown once
  std::vector<TokenRecord> tokens;
};
// Refused: a name that is there already, or no name.
Result<NewToken> add_token(std::vector<TokenRecord> tokens, const std::string& name, const std::string& role,
                           Nanoseconds now);
// The token behind a desk's cookie. Those that have ended are dropped.
Result<NewToken> add_desk_session(std::vector<TokenRecord> tokens, Role role, Nanoseconds now);
bool has_ended(const TokenRecord& token, Nanoseconds now);
Result<std::vector<TokenRecord>> revoke_token(std::vector<TokenRecord> tokens, const std::string& name);

// Who is it? Nothing when the header holds no token of ours. `authorization`: "Bearer …". Times are wall time.
std::optional<TokenRecord> holder_of(std::string_view authorization, const std::vector<TokenRecord>& tokens,
                                     Nanoseconds now);
std::optional<TokenRecord> holder_of_secret(std::string_view secret, const std::vector<TokenRecord>& tokens,
                                            Nanoseconds now);

} // namespace pult::control
