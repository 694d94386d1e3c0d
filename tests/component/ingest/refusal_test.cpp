// Every reject code: as the caller sees it, and as our log, report and events tell it.
#include "raw_caller.hpp"
#include "support.hpp"

#include <fmt/format.h>

namespace pult::ingest {
namespace {

using namespace test;
using testing::HasSubstr;

// Strangers who try keys at a feed as fast as they are answered, until this goes: budgets refill with time.
class Guessers {
 public:
  // Returns when the listener has answered one of them with that code.
  Guessers(Room& room, const std::string& stream_id, std::vector<std::string> addresses, int code)
      : thread_([this, port = room.port(), stream_id, from = std::move(addresses), code](const std::stop_token& stop) {
          for (std::size_t i = 0; !stop.stop_requested(); ++i)
            if (RawCaller(from[i % from.size()], port).knock(5, stream_id) == code) seen_ = true;
        }) {
    EXPECT_TRUE(room.wait_for([this] { return seen_.load(); }, seconds(30))) << code;
  }

 private:
  std::atomic<bool> seen_{false};
  std::jthread thread_;
};
using Meanwhile = std::unique_ptr<Guessers>;

Meanwhile nobody_guesses(Room&) {
  return nullptr;
}
Meanwhile one_guesses(Room& room) {
  return std::make_unique<Guessers>(room, "cam1", std::vector<std::string>{"127.0.0.1"}, 1401);
}
// Twenty addresses, so that none spends its own budget before the port's is spent.
Meanwhile many_guess(Room& room) {
  std::vector<std::string> addresses;
  for (int i = 1; i <= 20; ++i)
    addresses.push_back(fmt::format("127.0.1.{}", i));
  return std::make_unique<Guessers>(room, "slow", addresses, 1402);
}

struct Case {
  const char* what;
  const char* stream_id;
  const char* key;
  int caller_sees;
  int we_say;
  const char* reason;
  Meanwhile (*meanwhile)(Room&) = nobody_guesses;
};

void PrintTo(const Case& refused, std::ostream* out) {
  *out << refused.what;
}

class RefusalTest : public testing::TestWithParam<Case> {};

TEST_P(RefusalTest, TheCallerAndTheCrewLearnWhy) {
  Room room;
  const auto& param = GetParam();
  const auto guessers = param.meanwhile(room);
  int reason = Sender(room.port(), param.stream_id, param.key).reason();
  // A budget refills: beside guessers one try may slip in.
  for (const auto deadline = monotonic_now() + seconds(30); guessers && reason == 0 && monotonic_now() < deadline;)
    reason = Sender(room.port(), param.stream_id, param.key).reason();
  EXPECT_EQ(reason, param.caller_sees);
  const auto told = [&] {
    return std::any_of(room.events.begin(), room.events.end(), [&](const auto& event) {
      return event.at("kind").as_string() == "feed-refused" && event.at("code").as_int64() == param.we_say &&
             std::string(event.at("text").as_string()).find(param.reason) != std::string::npos;
    });
  };
  EXPECT_TRUE(room.wait_for(told)) << json::serialize(room.ingest->report());
  const auto listed = [&] {
    const auto report = room.ingest->report();
    const auto& refusals = report.at("refusals").as_array();
    return report.at("refused").as_uint64() >= 1 &&
           std::any_of(refusals.begin(), refusals.end(), [&](const auto& refused) {
             return refused.at("code").as_int64() == param.we_say &&
                    refused.at("host").as_string().starts_with("127.0.");
           });
  };
  EXPECT_TRUE(room.wait_for(listed)) << json::serialize(room.ingest->report());
}

INSTANTIATE_TEST_SUITE_P(
    Codes, RefusalTest,
    testing::Values(
        Case{"half an id", "#!::r", kKey, 1400, 1400, "a part without \"=\""},
        Case{"no id", "", kKey, 1400, 1400, "send \"#!::r=FEED,m=publish\""},
        Case{"control characters", "cam1\n", kKey, 1400, 1400, "control characters"},
        Case{"no such feed", "#!::r=nobody,m=publish", kKey, 1404, 1404, "no feed \"nobody\""},
        Case{"a misspelt feed", "cam", kKey, 1404, 1404, "did you mean \"cam1\"?"},
        Case{"a reader", "#!::r=cam1,m=request", kKey, 1405, 1405, "feeds are sent here, not read"},
        Case{"a file", "#!::r=cam1,m=publish,t=file", kKey, 1405, 1405, "only live streams"},
        Case{"a wrong key", "cam1", kOtherKey, SRT_REJ_BADSECRET, 1401, "wrong passphrase"},
        Case{"no key", "cam1", "", SRT_REJ_UNSECURE, 1401, "wrong passphrase, or none"},
        Case{"a key too many", "free", kOtherKey, SRT_REJ_UNSECURE, 1401, "the feed is open"},
        Case{"a guesser's next try", "cam1", kKey, 1401, 1401, "too many attempts from this address", one_guesses},
        Case{"anybody, while many guess", "cam1", kKey, 1402, 1402, "too many attempts at this port", many_guess}));

TEST(RefusalTest, ASeatThatIsTaken) {
  Room room;
  SteadySender first(room.port(), "first");
  ASSERT_TRUE(room.becomes("first", "live"));
  const Sender second(room.port(), "first", kKey);
  EXPECT_EQ(second.reason(), 1409);
  ASSERT_TRUE(room.tells("feed-refused"));
  EXPECT_EQ(room.event("feed-refused").at("code").as_int64(), 1409);
  EXPECT_EQ(room.feed("first").at("last_refusal").at("code").as_int64(), 1409);
}

// libsrt does not answer a caller that old; we tell the crew.
TEST(RefusalTest, AnSrtWithoutStreamIds) {
  Room room;
  const int port = room.port();
  const std::jthread caller([port] { RawCaller("127.0.0.1", port).knock(4, ""); });
  ASSERT_TRUE(room.tells("feed-refused"));
  EXPECT_EQ(room.event("feed-refused").at("code").as_int64(), 1505);
  EXPECT_THAT(std::string(room.event("feed-refused").at("text").as_string()), HasSubstr("SRT older than 1.3"));
}

TEST(RefusalTest, ASenderInFileMode) {
  Room room;
  SrtSocket socket(srt_create_socket());
  ASSERT_TRUE(set_option(socket.get(), SRTO_TRANSTYPE, SRTT_FILE, "transtype"));
  ASSERT_TRUE(set_text_option(socket.get(), SRTO_STREAMID, "free", "streamid"));
  const auto to = *numeric_address("127.0.0.1", room.port());
  EXPECT_EQ(srt_connect(socket.get(), to.get(), to.length), SRT_ERROR);
  EXPECT_EQ(srt_getrejectreason(socket.get()), SRT_REJ_MESSAGEAPI);
  ASSERT_TRUE(room.tells("feed-refused"));
  EXPECT_THAT(room.text("free", "verdict"), HasSubstr("file mode"));
}

} // namespace
} // namespace pult::ingest
