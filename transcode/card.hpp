// Pictures made of text: the slates of the room and the "no signal" card. Drawn with Cairo and Pango.
//
// Text is plain, never markup: "Müller & Söhne" shows as it is. Long lines are fitted by a smaller letter. Any thread;
// slow (tens of milliseconds), so never the mixer's.
#pragma once

#include "transcode/house_picture.hpp"

#include "base/messages/packet_link.hpp"

#include <string>

namespace pult::transcode {

struct CardText {
  std::string above;    // small, over the headline
  std::string headline; // large
  std::string below;    // small
};

HousePicture draw_card(PictureSize size, const CardText& text);

CardText slate_text(const RoomConfig& config, packet_link::SlateKind kind);
CardText no_signal_text(const RoomConfig& config);

} // namespace pult::transcode
