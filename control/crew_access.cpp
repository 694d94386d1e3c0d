#include "control/crew_access.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

namespace pult::control {
namespace {

using http::beast::http::field;

constexpr std::size_t kMostLinks = 20;

std::string_view header(const http::Request& request, field name) {
  const auto value = request.headers[name];
  return {value.data(), value.size()};
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// "a=1; pult_desk=xyz" → "xyz".
std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const auto one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookies.size(), one.size() + 1));
    const auto begin = std::min(one.find_first_not_of(' '), one.size());
    const auto pair = one.substr(begin);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

// "[::1]:8081" → "::1", "saal1:8081" → "saal1".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  return host.substr(0, host.find(':'));
}

// Browsers say where a request comes from whenever it may change something.
bool comes_from_our_page(const http::Request& request) {
  const auto origin = header(request, field::origin);
  if (!origin.empty()) return is_own_origin(origin, header(request, field::host));
  const bool upgrades = !header(request, field::upgrade).empty();
  const bool reads = request.method == http::Verb::get || request.method == http::Verb::head;
  const auto site = request.headers["Sec-Fetch-Site"];
  return reads && !upgrades && (site.empty() || site == "same-origin" || site == "none");
}

} // namespace

Result<Asker> asker_of(const http::Request& request, const std::vector<TokenRecord>& tokens, Nanoseconds wall) {
  const auto authorization = header(request, field::authorization);
  const auto cookie = cookie_value(header(request, field::cookie), kDeskCookie);
  const bool by_cookie = authorization.empty() && !cookie.empty();
  const auto holder = by_cookie ? holder_of_secret(cookie, tokens, wall) : holder_of(authorization, tokens, wall);
  if (!holder) return Error{Errc::kRefused, "no token"};
  if (by_cookie && !comes_from_our_page(request))
    return Error{Errc::kUnavailable, "this request comes from another site's page"};
  const auto role = role_named(holder->role);
  return Asker{holder->name, role ? *role : Role::kView};
}

bool names_us(std::string_view host, const std::vector<std::string>& own) {
  const auto name = lower(without_port(host));
  boost::system::error_code failed;
  boost::asio::ip::make_address(name, failed);
  if (!failed || name == "localhost") return true;
  return std::any_of(own.begin(), own.end(), [&](const auto& one) { return lower(one) == name; });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  const auto scheme = origin.find("://");
  return scheme != std::string_view::npos && !host.empty() && lower(origin.substr(scheme + 3)) == lower(host);
}

std::string desk_cookie(const std::string& secret, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", kDeskCookie, secret,
                     std::chrono::seconds(kDeskSession).count(), secure ? "; Secure" : "");
}

Result<std::string> DeskLinks::add(Role role, Nanoseconds now) {
  auto secret = new_secret();
  if (!secret) return secret.error();
  std::erase_if(links_, [&](const auto& link) { return link.until <= now; });
  if (links_.size() >= kMostLinks) links_.erase(links_.begin());
  links_.push_back({hash_of_secret(*secret), role, now + kLinkLife});
  return secret;
}

std::optional<Role> DeskLinks::take(std::string_view secret, Nanoseconds now) {
  const auto hash = hash_of_secret(secret);
  auto found = links_.end();
  for (auto it = links_.begin(); it != links_.end(); ++it)
    if (CRYPTO_memcmp(it->hash.data(), hash.data(), hash.size()) == 0 && it->until > now) found = it;
  if (found == links_.end()) return std::nullopt;
  const auto role = found->role;
  links_.erase(found);
  return role;
}

} // namespace pult::control
