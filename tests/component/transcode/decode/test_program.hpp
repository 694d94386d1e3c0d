// pult-decode as a process in a room of its own: a run directory, the mixer's end, and ingest's end that dials it.
#pragma once

#include "test_room.hpp"

#include "base/run_dir.hpp"

#include <boost/json/object.hpp>
#include <csignal>
#include <sys/types.h>

namespace pult::transcode::decode::test {

class ProgramRoom {
 public:
  ProgramRoom(const std::string& program, int width, int height, int fps = 25);
  ~ProgramRoom(); // kills what still runs

  void start_program();
  void signal(int number) const { ::kill(pid_, number); }
  // Its exit code when it ended by itself; −1 by a signal; nothing while it runs.
  std::optional<int> ended();
  [[nodiscard]] double cpu_seconds() const;
  [[nodiscard]] long resident_kb() const;

  bool wait(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(10));
  // Sends the stream at its own pace over the real socket. `history`: what lies before now is sent at once, as a
  // replay.
  void play(const std::vector<TimedChunk>& chunks, Nanoseconds history = {}, const std::function<bool()>& until = {});
  [[nodiscard]] bool ingest_connected() const { return link_ != nullptr; }
  // As pultd sends it, over the program's state socket; returns when it is on its way.
  void command(const boost::json::object& command);

  Folder folder;
  asio::io_context io;
  RoomEpoch epoch;
  std::unique_ptr<TestMixer> mixer;
  int ingest_links = 0; // that ingest's end has made

 private:
  std::string program_;
  std::string config_;
  RunDir run_dir_;
  std::unique_ptr<LinkDialer> dialer_;
  std::shared_ptr<Link> link_;
  std::unique_ptr<LinkDialer> crew_dialer_;
  std::shared_ptr<Link> crew_;
  pid_t pid_ = -1;
};

} // namespace pult::transcode::decode::test
