// A decoder as the mixer sees one: dials the real socket, fills real ring slots, sends pictures and sound on time.
#pragma once

#include "base/room_epoch.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace pult::transcode::testing {

class TestFeed {
 public:
  struct Content {
    int width = 320;
    int height = 180;
    int fps = 25;
    std::function<int(std::int64_t k)> luma = [](std::int64_t) { return 128; };     // of picture k of the grid
    std::function<float(std::int64_t s)> sound = [](std::int64_t) { return 0.0F; }; // of programme sample s
    std::string raw_file; // I420 pictures of that size, looped, instead of luma
  };
  TestFeed(const std::string& socket_path, const std::string& name, RoomEpoch epoch, Content content);
  ~TestFeed();

  void pause(bool paused); // sends nothing, stays connected
  [[nodiscard]] int pictures() const;
  [[nodiscard]] std::uint32_t grants() const;
  [[nodiscard]] bool closed() const; // the mixer closed the link
  // A message that breaks the crossing's rules: a picture in a slot that was not granted.
  void send_ungranted_picture();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace pult::transcode::testing
