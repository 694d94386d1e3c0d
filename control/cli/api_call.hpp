// One call of the room's API, over its Unix socket or over TCP with a token. Nothing hangs: every call has a deadline.
//
// A refused connection is tried again for a moment: pultd may just be coming back, and nothing was sent yet. Blocks;
// for the CLI's one thread.
#pragma once

#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace pult::cli {

// Where the API is: a Unix socket, or a host and port with a token.
struct ApiPlace {
  std::filesystem::path run_dir; // used when host is empty
  std::string host, port, token;
};

// "http://10.0.0.5:8081". Errc::kInvalidArgument with what it should look like.
Result<ApiPlace> parse_url(const std::string& url);

struct ApiCall {
  std::string method; // "GET", "POST"
  std::string target; // "/api/v1/status"
  std::optional<boost::json::object> body;
  std::chrono::milliseconds deadline{3000};
};

struct ApiAnswer {
  int status = 0;
  boost::json::object body;
};

// Errc::kUnavailable: nobody is there. Errc::kTimeout: somebody is there and does not answer.
Result<ApiAnswer> call_api(const ApiPlace& place, const ApiCall& call);

} // namespace pult::cli
