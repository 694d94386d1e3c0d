// One run of `pult`: where it talks to, how it prints, which exit code it ends with. One thread.
#pragma once

#include "control/cli/api_call.hpp"
#include "control/cli/room_door.hpp"
#include "control/cli/screens.hpp"

#include <functional>
#include <optional>
#include <string>

namespace pult::cli {

class Session {
 public:
  struct Options {
    std::string config, url, token_file;
    bool json = false;
  };
  // An exit code when there is no way to the room; what is wrong was said.
  static std::variant<Session, int> open(const Options& options);

  using Screen = std::function<std::string(const boost::json::object&)>;
  // Calls, prints the answer (the screen, or JSON) or why not, and gives the exit code.
  int perform(const ApiCall& call, const Screen& screen);
  Result<ApiAnswer> call(const ApiCall& call) { return call_api(place_, call); }
  int print(const ApiAnswer& answer, const Screen& screen);
  // Says why nobody answered: 3, or 78 when the config is what is wrong.
  int nobody(const Error& error);
  [[nodiscard]] const Look& look() const { return look_; }

 private:
  explicit Session(const Options& options);
  Result<void> find_place();
  std::string why_nobody(const Error& error) const;

  Options options_;
  Look look_;
  std::optional<RoomDoor> door_; // none with --url
  ApiPlace place_;
};

} // namespace pult::cli
