// Is a text an SVG? Looks no further than its first element. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pult {

// Empty: the text's first element is an `svg`. Else what it is instead, to be shown behind "is no SVG:".
std::string why_not_svg(std::string_view text);

} // namespace pult
