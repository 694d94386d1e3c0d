#include "control/api_answer.hpp"

#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;
using http::Response;
using http::Status;

const char* name_of(Errc code) {
  switch (code) {
  case Errc::kInvalidArgument:
    return "invalid";
  case Errc::kNotFound:
    return "not_found";
  case Errc::kAlreadyExists:
    return "already_exists";
  case Errc::kRefused:
    return "refused";
  case Errc::kUnavailable:
    return "unavailable";
  case Errc::kTimeout:
    return "timeout";
  case Errc::kLimit:
    return "limit";
  default:
    return "fault";
  }
}

Status status_of(Errc code) {
  switch (code) {
  case Errc::kInvalidArgument:
    return Status::bad_request;
  case Errc::kNotFound:
    return Status::not_found;
  case Errc::kAlreadyExists:
  case Errc::kRefused:
    return Status::conflict;
  case Errc::kUnavailable:
    return Status::service_unavailable;
  case Errc::kTimeout:
    return Status::gateway_timeout;
  case Errc::kLimit:
    return Status::too_many_requests;
  default:
    return Status::internal_server_error;
  }
}

} // namespace

Response json_answer(Status status, const json::object& object) {
  return json_answer(status, json::serialize(object));
}

Response json_answer(Status status, std::string text) {
  auto response = Response::text(status, "application/json", text += '\n');
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response refusal(Status status, std::string_view code, std::string_view message) {
  return json_answer(status, {{"error", {{"code", code}, {"message", message}}}});
}

Response refusal(const Error& error) {
  return refusal(status_of(error.code), name_of(error.code), error.message);
}

} // namespace pult::control
