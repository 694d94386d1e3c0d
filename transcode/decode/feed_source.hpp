// Where ingest delivers the feed: listens at `decode@<feed>.media.sock`, hands chunks to the decoder.
//
// One link at a time; a new one replaces the old (ingest restarted, and its old socket may linger). A link that is of
// another feed or breaks the format is closed with a reason. io thread only.
#pragma once

#include "base/link.hpp"
#include "transcode/decode/decoder.hpp"

#include <memory>
#include <string>

namespace pult::transcode::decode {

class FeedSource {
 public:
  static Result<std::unique_ptr<FeedSource>> open(asio::io_context& io, const std::string& socket_path,
                                                  std::string feed, Decoder& decoder);
  ~FeedSource();
  void close();
  // Ends the link: ingest dials anew and replays the feed from its last key frame.
  void ask_for_replay();

 private:
  FeedSource(std::string feed, Decoder& decoder)
      : feed_(std::move(feed)), decoder_(decoder), self_(std::make_shared<FeedSource*>(this)) {}
  void on_link(std::shared_ptr<Link> link);
  Result<void> on_frame(std::uint16_t type, ByteView payload);

  std::string feed_;
  Decoder& decoder_;
  std::unique_ptr<LinkListener> listener_;
  std::shared_ptr<Link> link_;
  bool greeted_ = false;
  std::shared_ptr<FeedSource*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult::transcode::decode
