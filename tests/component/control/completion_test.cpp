// The completion script in a real bash: commands, verbs, and the names of a room that runs.
#include "base/exit_codes.hpp"
#include "tests/component/control/room_fixture.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

class Completion : public RoomTest {
 protected:
  // What bash offers behind these words, the last of them begun.
  std::string offers(const std::string& words) const {
    const auto script = fmt::format("export PATH={}:$PATH PULT_CONFIG={}; source <(pult completion); "
                                    "COMP_WORDS=(pult {}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _pult; "
                                    "echo \"${{COMPREPLY[*]}}\"",
                                    BIN_DIR, (folder_ / "room.toml").string(), words);
    const auto command = fmt::format("bash -c '{}'", script);
    std::FILE* pipe = ::popen(command.c_str(), "r");
    char line[512] = "";
    if (pipe == nullptr || std::fgets(line, sizeof line, pipe) == nullptr) line[0] = 0;
    if (pipe != nullptr) ::pclose(pipe);
    std::string text(line);
    while (text.ends_with('\n'))
      text.pop_back();
    return text;
  }
};

TEST_F(Completion, OffersCommandsAndVerbs) {
  EXPECT_EQ(offers("ta"), "take talk talks");
  EXPECT_EQ(offers("lower-third s"), "show");
  EXPECT_EQ(offers("lt h"), "hide");
  EXPECT_EQ(offers("slate pa"), "pause");
  EXPECT_EQ(offers("--config x sta"), "status");
  EXPECT_EQ(offers("token add x --role gr"), "graphics");
}

TEST_F(Completion, OffersTheRoomsOwnNames) {
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }, 5s));
  // The names are asked of the room within half a second: a machine that is busier offers none.
  EXPECT_TRUE(wait_until([&] { return offers("take ha") == "hall"; }, 20s));
  EXPECT_TRUE(wait_until([&] { return offers("audio mute cam1") == "cam1"; }, 20s));
}

} // namespace
} // namespace pult::control
