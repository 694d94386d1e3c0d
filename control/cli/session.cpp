#include "control/cli/session.hpp"

#include "base/config.hpp"
#include "base/exit_codes.hpp"
#include "base/file.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pult::cli {
namespace {

namespace json = boost::json;

constexpr int kWidest = 100; // longer lines are hard to follow with the eye

Look look_of_terminal() {
  Look look;
  const char* term = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  look.terminal = ::isatty(STDOUT_FILENO) != 0 && !dumb;
  look.colour = look.terminal && (no_colour == nullptr || *no_colour == 0);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    look.width = std::min<int>(size.ws_col, kWidest);
  return look;
}

Result<std::string> read_token(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    return Error{Errc::kRefused, fmt::format("others may read {}; chmod 600 it", file)};
  auto text = read_file(file);
  if (!text) return text.error();
  return text->substr(0, text->find_first_of(" \r\n"));
}

std::string error_message(const json::object& body) {
  const auto* error = body.if_contains("error");
  const auto* message = error != nullptr && error->is_object() ? error->get_object().if_contains("message") : nullptr;
  return message != nullptr && message->is_string() ? std::string(message->get_string()) : "refused without a reason";
}

} // namespace

Session::Session(const Options& options) : options_(options), look_(look_of_terminal()) {}

std::variant<Session, int> Session::open(const Options& options) {
  Session session(options);
  auto found = session.find_place();
  if (found) return session;
  std::cerr << "pult: " << found.error().message << '\n';
  return found.error().code == Errc::kInvalidArgument ? exit_code::kUsage
         : found.error().code == Errc::kNotFound      ? exit_code::kBadConfig
                                                      : exit_code::kRefused;
}

Result<void> Session::find_place() {
  if (options_.url.empty()) {
    auto door = find_room(options_.config);
    if (!door) return door.error();
    place_.run_dir = door->run_dir;
    door_ = std::move(*door);
    return {};
  }
  auto place = parse_url(options_.url);
  if (!place) return place.error();
  place_ = std::move(*place);
  if (options_.token_file.empty()) return Error{Errc::kInvalidArgument, "--url needs --token-file FILE"};
  auto token = read_token(options_.token_file);
  if (!token) return Error{Errc::kRefused, token.error().message};
  place_.token = std::move(*token);
  return {};
}

int Session::perform(const ApiCall& call, const Screen& screen) {
  const auto answer = call_api(place_, call);
  return answer ? print(*answer, screen) : nobody(answer.error());
}

int Session::print(const ApiAnswer& answer, const Screen& screen) {
  const bool refused = answer.status >= 400;
  if (options_.json)
    std::cout << json::serialize(answer.body) << std::endl;
  else if (refused)
    std::cerr << "pult: " << error_message(answer.body) << '\n';
  else
    std::cout << screen(answer.body) << std::flush;
  return refused ? exit_code::kRefused : exit_code::kDone;
}

std::string Session::why_nobody(const Error& error) const {
  if (!door_) return "nobody answers: " + error.message;
  if (error.code == Errc::kTimeout) return "pultd runs but does not answer: " + error.message;
  return fmt::format("nobody answers: the room of {0} does not run here; `pult run {0}` starts it",
                     door_->config.string());
}

int Session::nobody(const Error& error) {
  const auto why = why_nobody(error);
  if (options_.json)
    std::cout << json::serialize(json::object{{"error", {{"code", "nobody"}, {"message", why}}}}) << std::endl;
  const auto reading = door_ ? read_config(door_->config) : ConfigReading{};
  if (door_ && !reading.config) {
    std::cerr << reading.text();
    return exit_code::kBadConfig;
  }
  if (!options_.json) std::cerr << "pult: " << why << '\n';
  return exit_code::kNobody;
}

} // namespace pult::cli
