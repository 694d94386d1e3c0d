#include "control/guess_watch.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <string>

namespace pult::control {
namespace {

using std::chrono::seconds;
constexpr Nanoseconds kEach = seconds(5);
constexpr Nanoseconds kBrim = 10 * kEach;
constexpr Nanoseconds kTellEach = seconds(60);

std::size_t hash_of(std::string_view text) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(std::string(text), failed);
  if (failed || !address.is_v6()) return std::hash<std::string_view>{}(text);
  const auto bytes = address.to_v6().to_bytes();
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size() / 2});
}

} // namespace

GuessWatch::Answer GuessWatch::wrong(std::string_view address, Nanoseconds now) {
  ++total_;
  auto& slot = slots_[hash_of(address) % kSlots];
  const auto next = std::max(slot.empty_at, now) + kEach;
  if (next - now <= kBrim) {
    slot.empty_at = next;
    return Answer::kWithin;
  }
  if (now < slot.tell_after) return Answer::kOver;
  slot.tell_after = now + kTellEach;
  return Answer::kOverAndTell;
}

} // namespace pult::control
