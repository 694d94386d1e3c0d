// Who asks over TCP, and whether a browser asks for somebody else.
//
// A script brings a token (Authorization: Bearer …). A desk brings the cookie that it got for a one-time link:
// HttpOnly, SameSite=Strict, good for half a day; behind it stands an ordinary token, which the crew sees and can
// revoke. What a cookie asks must come from our own page (Origin), and every request must name us by an address,
// localhost, this machine's name or a name of the config (Host): a page elsewhere can neither send the cookie along nor
// make its own name point at us. Compared in constant time. One thread.
#pragma once

#include "base/http_server.hpp"
#include "control/tokens.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pult::control {

inline constexpr std::chrono::minutes kLinkLife{5};
inline constexpr std::string_view kDeskCookie = "pult_desk";

struct Asker {
  std::string name;
  Role role = Role::kView;
};

// The holder of the request's token or cookie. Errc::kRefused: nobody we know; Errc::kUnavailable: a cookie that
// another site sent along.
Result<Asker> asker_of(const http::Request& request, const std::vector<TokenRecord>& tokens, Nanoseconds wall);

// The Host of the request is one of ours. `own`: this machine's name and the names of the config.
bool names_us(std::string_view host, const std::vector<std::string>& own);
// "http://10.0.0.5:8081" is the page of a request to Host "10.0.0.5:8081".
bool is_own_origin(std::string_view origin, std::string_view host);
std::string desk_cookie(const std::string& secret, bool secure); // the whole Set-Cookie value

// Links that `pult desk` printed: each good once, for five minutes, the last twenty. Not kept: a pultd that restarts
// forgets them, and another `pult desk` makes another.
class DeskLinks {
 public:
  Result<std::string> add(Role role, Nanoseconds now); // the secret; monotonic time
  std::optional<Role> take(std::string_view secret, Nanoseconds now);

 private:
  struct Link {
    std::string hash;
    Role role;
    Nanoseconds until;
  };
  std::vector<Link> links_;
};

} // namespace pult::control
