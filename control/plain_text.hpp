// Texts that come from strangers or from tired fingers: made harmless for people's eyes, or checked and refused.
//
// UTF-8 strictly (RFC 3629: no overlong forms, no surrogates); no control characters; none of the bidirectional
// overrides, which would turn a line of the log or a lower third around. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace pult::control {

// No control characters, no line that goes on for ever; broken UTF-8 is shown as "?". `longest` in bytes.
std::string harmless(std::string_view text, std::size_t longest);

bool is_utf8(std::string_view text);

// Refused with what is wrong and at which character; `what` names the text. `longest` in characters.
Result<void> check_plain_text(std::string_view what, std::string_view text, std::size_t longest);

} // namespace pult::control
