// The desk's page, as it was built into pultd: nothing is read from the disk, no path is ever opened. Pure.
#pragma once

#include "base/http_server.hpp"

#include <string>
#include <string_view>

namespace pult::control {

struct DeskFile {
  std::string_view path; // "/desk/desk.js"
  std::string_view type;
  std::string_view text;
};

// "/desk/" is the page, "/" and "/desk" lead to it. Null when there is no such file.
const DeskFile* find_desk_file(std::string_view path);
http::Response desk_answer(const DeskFile& file, const http::Request& request);

} // namespace pult::control
