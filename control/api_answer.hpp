// Answers of the API: JSON that is never cached; a refusal is {"error":{"code","message"}}. Pure; any thread.
#pragma once

#include "base/http_server.hpp"
#include "base/result.hpp"

#include <boost/json/object.hpp>
#include <string_view>

namespace pult::control {

http::Response json_answer(http::Status status, const boost::json::object& object);
http::Response json_answer(http::Status status, std::string text); // JSON already
http::Response refusal(http::Status status, std::string_view code, std::string_view message);
http::Response refusal(const Error& error);

} // namespace pult::control
