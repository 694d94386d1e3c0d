// An SVG whose texts can be set: the document, and what librsvg makes of it. Private to lower_third_drawing.
//
// libxml2 holds the document and writes the texts as texts; librsvg measures and draws it, from memory and without a
// base address, so that it follows no reference but data: URLs. One thread.
#pragma once

#include "transcode/geometry.hpp"

#include "base/result.hpp"

#include <librsvg/rsvg.h>
#include <libxml/tree.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pult::transcode {

class SvgTemplate {
 public:
  static Result<SvgTemplate> parse(std::string_view svg, PictureSize size);

  [[nodiscard]] bool has(const char* id) const { return find(id) != nullptr; }
  // The <text> of that id reads `line`, at `percent` of its size, in the middle of its own height.
  Result<void> set_text(const char* id, const std::string& line, int percent);
  void remove(const char* id);

  struct Extent {
    double left = 0;
    double right = 0;
    [[nodiscard]] double width() const { return right - left; }
  };
  // Where the element of that id stands, in pixels of the picture: its paint, or for a box its outline.
  [[nodiscard]] Result<Extent> extent(const char* id, bool outline) const;
  // Cairo's ARGB32, row by row.
  [[nodiscard]] Result<std::vector<std::uint32_t>> draw() const;
  [[nodiscard]] PictureSize size() const { return size_; }

 private:
  struct DocumentFree {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  };
  struct HandleFree {
    void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
  };
  using Handle = std::unique_ptr<RsvgHandle, HandleFree>;
  SvgTemplate(xmlDoc* document, PictureSize size) : document_(document), size_(size) {}
  [[nodiscard]] xmlNode* find(const char* id) const;
  [[nodiscard]] Result<Handle> handle() const;
  [[nodiscard]] RsvgRectangle viewport() const {
    return {0, 0, static_cast<double>(size_.width), static_cast<double>(size_.height)};
  }

  std::unique_ptr<xmlDoc, DocumentFree> document_;
  PictureSize size_;
};

} // namespace pult::transcode
