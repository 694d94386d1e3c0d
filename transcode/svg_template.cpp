#include "transcode/svg_template.hpp"

#include <cairo/cairo.h>
#include <cstring>
#include <fmt/format.h>
#include <libxml/parser.h>

namespace pult::transcode {
namespace {

const xmlChar* as_xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

Error take_error(const char* what, GError* error) {
  Error taken{Errc::kLibrary, std::string(what) + ": " + (error != nullptr ? error->message : "unknown error")};
  g_clear_error(&error);
  return taken;
}

bool has_id(xmlNode* node, const char* id) {
  xmlChar* value = xmlGetNoNsProp(node, as_xml("id"));
  const bool same = xmlStrEqual(value, as_xml(id)) != 0;
  xmlFree(value);
  return same;
}

// libxml2 parses nothing that is nested deeper than 256, which bounds this.
xmlNode* find_below(xmlNode* parent, const char* id) {
  for (xmlNode* node = parent; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (has_id(node, id)) return node;
    if (xmlNode* found = find_below(node->children, id)) return found;
  }
  return nullptr;
}

// Drawing programs put the place and the look of a text into spans within it.
xmlNode* innermost_span(xmlNode* text) {
  for (xmlNode* child = text->children; child != nullptr; child = child->next)
    if (child->type == XML_ELEMENT_NODE && xmlStrEqual(child->name, as_xml("tspan")) != 0) return innermost_span(child);
  return text;
}

void remove_all_but(xmlNode* parent, const xmlNode* kept) {
  for (xmlNode* child = parent->children; child != nullptr;) {
    xmlNode* next = child->next;
    if (child != kept) {
      xmlUnlinkNode(child);
      xmlFreeNode(child);
    }
    child = next;
  }
}

// A smaller text keeps the middle of its capitals where it was, not its baseline; in units of its own size.
std::string lift_of(int percent) {
  constexpr double kHalfCapital = 0.36;
  return fmt::format("{:.3f}em", -kHalfCapital * (100.0 / percent - 1));
}

struct SurfaceFree {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

std::vector<std::uint32_t> pixels_of(cairo_surface_t* surface, PictureSize size) {
  cairo_surface_flush(surface);
  const auto* bytes = cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  const auto width = static_cast<std::size_t>(size.width);
  std::vector<std::uint32_t> pixels(width * static_cast<std::size_t>(size.height));
  for (std::size_t row = 0; row < static_cast<std::size_t>(size.height); ++row)
    std::memcpy(pixels.data() + row * width, bytes + row * stride, width * sizeof(std::uint32_t));
  return pixels;
}

} // namespace

Result<SvgTemplate> SvgTemplate::parse(std::string_view svg, PictureSize size) {
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(xmlNewParserCtxt(), &xmlFreeParserCtxt);
  // Entities stay as they are, external ones are not read.
  auto* document = xmlCtxtReadMemory(parser.get(), svg.data(), static_cast<int>(svg.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document != nullptr) return SvgTemplate(document, size);
  const auto& wrong = parser->lastError;
  std::string message = wrong.message != nullptr ? wrong.message : "not XML";
  while (message.ends_with('\n'))
    message.pop_back();
  return Error{Errc::kInvalidArgument, fmt::format("line {}: {}", wrong.line, message)};
}

xmlNode* SvgTemplate::find(const char* id) const {
  return find_below(xmlDocGetRootElement(document_.get()), id);
}

Result<void> SvgTemplate::set_text(const char* id, const std::string& line, int percent) {
  auto* text = find(id);
  if (text == nullptr || xmlStrEqual(text->name, as_xml("text")) == 0)
    return Error{Errc::kInvalidArgument, fmt::format("there is no <text id=\"{}\">", id)};
  // The span that sets the size is ours and found again by its class.
  auto* span = innermost_span(text);
  if (xmlHasProp(span, as_xml("data-pult")) != nullptr) {
    auto* ours = span;
    span = span->parent;
    xmlUnlinkNode(ours);
    xmlFreeNode(ours);
  }
  for (auto* node = span; node != text; node = node->parent)
    remove_all_but(node->parent, node);
  remove_all_but(span, nullptr);
  auto* ours = xmlNewTextChild(span, span->ns, as_xml("tspan"), as_xml(line.c_str()));
  xmlSetProp(ours, as_xml("data-pult"), as_xml("text"));
  xmlSetProp(ours, as_xml("style"), as_xml(fmt::format("font-size:{}%", percent).c_str()));
  if (percent < 100) xmlSetProp(ours, as_xml("dy"), as_xml(lift_of(percent).c_str()));
  return {};
}

void SvgTemplate::remove(const char* id) {
  auto* node = find(id);
  if (node == nullptr || node == xmlDocGetRootElement(document_.get())) return;
  xmlUnlinkNode(node);
  xmlFreeNode(node);
}

Result<SvgTemplate::Handle> SvgTemplate::handle() const {
  xmlChar* text = nullptr;
  int length = 0;
  xmlDocDumpMemoryEnc(document_.get(), &text, &length, "UTF-8");
  const std::unique_ptr<xmlChar, void (*)(xmlChar*)> owned(text, [](xmlChar* t) { xmlFree(t); });
  GError* error = nullptr;
  auto* handle = rsvg_handle_new_from_data(text, static_cast<gsize>(std::max(0, length)), &error);
  if (handle == nullptr) return take_error("SVG", error);
  rsvg_handle_set_dpi(handle, 96);
  return Handle(handle);
}

Result<SvgTemplate::Extent> SvgTemplate::extent(const char* id, bool outline) const {
  auto svg = handle();
  if (!svg) return svg.error();
  const auto port = viewport();
  RsvgRectangle ink{};
  RsvgRectangle logical{};
  GError* error = nullptr;
  if (rsvg_handle_get_geometry_for_layer(svg->get(), (std::string("#") + id).c_str(), &port, &ink, &logical, &error) ==
      FALSE)
    return take_error(id, error);
  const auto& rect = outline ? logical : ink;
  return Extent{rect.x, rect.x + rect.width};
}

Result<std::vector<std::uint32_t>> SvgTemplate::draw() const {
  auto svg = handle();
  if (!svg) return svg.error();
  const std::unique_ptr<cairo_surface_t, SurfaceFree> surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, size_.width, size_.height));
  const std::unique_ptr<cairo_t, SurfaceFree> cairo(cairo_create(surface.get()));
  const auto port = viewport();
  GError* error = nullptr;
  if (rsvg_handle_render_document(svg->get(), cairo.get(), &port, &error) == FALSE) return take_error("draw", error);
  return pixels_of(surface.get(), size_);
}

} // namespace pult::transcode
