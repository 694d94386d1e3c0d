// /api/v1/openapi.json (OpenAPI 3.1), made of the API's own table of calls: it cannot tell what is not so. Pure.
#pragma once

#include "control/api.hpp"

#include <boost/json/object.hpp>
#include <vector>

namespace pult::control {

boost::json::object openapi_of(const std::vector<CallDescription>& calls);

} // namespace pult::control
