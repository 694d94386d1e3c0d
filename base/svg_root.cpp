#include "base/svg_root.hpp"

#include <fmt/format.h>

namespace pult {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Behind `end`; all is gone when it does not come.
void skip_behind(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
}

// A document type may hold declarations in brackets, each with a '>' of its own.
void skip_document_type(std::string_view& text) {
  const auto at = text.find_first_of("[>");
  if (at != std::string_view::npos && text[at] == '[') skip_behind(text, "]");
  skip_behind(text, ">");
}

// XML 1.0 clause 2.8: byte order mark, declaration, comments, instructions and the document type come first.
void skip_prolog(std::string_view& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.starts_with("<?"))
      skip_behind(text, "?>");
    else if (text.starts_with("<!--"))
      skip_behind(text, "-->");
    else if (text.starts_with("<!DOCTYPE"))
      skip_document_type(text);
    else
      return;
  }
}

} // namespace

std::string why_not_svg(std::string_view text) {
  skip_prolog(text);
  if (!text.starts_with('<')) return text.empty() ? "it has no element" : "it does not begin with an element";
  auto name = text.substr(1, std::min(text.find_first_of(" \t\r\n/>"), text.size()) - 1);
  if (const auto colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
  return name == "svg" ? std::string() : fmt::format("its first element is \"{}\"", name.substr(0, 40));
}

} // namespace pult
