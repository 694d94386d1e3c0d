// Where the decoders come in: `transcode.media.sock` (base/messages/picture_link).
//
// Each decoder says which feed it is and gets a ring of its own. One decoder a feed: a second one replaces the first
// (the supervisor restarts decoders, and the old one may be a zombie). What a decoder sends is checked against its
// ring; a slot that was not granted, a frame of no known shape or an unknown feed closes the link with a reason. A
// picture or sound that claims to be due long from now is dropped and counted. As many slots are granted as the feed's
// delay needs: after a change of it call delays_changed(). The io thread.
#pragma once

#include "transcode/feed_input.hpp"

#include "base/config.hpp"
#include "base/link.hpp"
#include "base/room_epoch.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace pult::transcode {

using FeedInputs = std::vector<std::shared_ptr<FeedInput>>; // in the order of RoomConfig::feeds

class FeedListener {
 public:
  struct Room {
    PictureSize programme;
    int fps = 25;
    RoomEpoch epoch;
  };
  using OnEvent = std::function<void(std::string_view level, std::string text)>;
  static Result<std::unique_ptr<FeedListener>> open(asio::io_context& io, const std::string& socket_path, Room room,
                                                    FeedInputs inputs, OnEvent on_event);
  ~FeedListener();
  void delays_changed();

 private:
  class Session;
  FeedListener(asio::io_context& io, Room room, FeedInputs inputs, OnEvent on_event);
  void accept(std::shared_ptr<Link> link);
  void replace(const std::string& feed, const std::shared_ptr<Session>& session);

  asio::io_context& io_;
  Room room_;
  FeedInputs inputs_;
  OnEvent on_event_;
  std::unique_ptr<LinkListener> listener_;
  std::vector<std::shared_ptr<Session>> sessions_;
};

} // namespace pult::transcode
