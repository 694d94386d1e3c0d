// Results and errors: what the world can cause is a value, what we broke is an assert.
//
// Every fallible call returns Result<T>. The message says what was tried and whose error it was
// ("srt bind 0.0.0.0:9000: address in use"), so that the crew can act on it. Any thread.
#pragma once

#include <cassert>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pult {

enum class Errc {
  kInvalidArgument, // what was handed in cannot be right
  kNotFound,        // the thing that was named is not there
  kAlreadyExists,   // somebody else has it already
  kRefused,         // understood and declined
  kUnavailable,     // nobody answers now; later may work
  kTimeout,         // a deadline passed
  kCorrupt,         // bytes that break their own format
  kLimit,           // a bound of ours was reached
  kIo,              // the operating system said no
  kLibrary,         // a media library said no
};

struct Error {
  Errc code;
  std::string message;
};

// An error from errno: `what` says what was tried, e.g. "open /run/pult/epoch".
[[nodiscard]] inline Error errno_error(std::string_view what, int error_number) {
  return {Errc::kIo, std::string(what) + ": " + std::strerror(error_number)};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return *checked(); }
  [[nodiscard]] const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  [[nodiscard]] T&& value() && { return std::move(*checked()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return checked(); }
  const T* operator->() const { return const_cast<Result*>(this)->checked(); }

  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  T* checked() {
    assert(ok());
    return std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

} // namespace pult
