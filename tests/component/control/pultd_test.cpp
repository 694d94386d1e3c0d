// A real pultd with real workers at its links, asked by the real `pult`.
#include "tests/component/control/room_fixture.hpp"

#include "base/exit_codes.hpp"
#include "base/file.hpp"
#include "base/room_epoch.hpp"
#include "tests/support/slowness.hpp"

#include <boost/json.hpp>
#include <csignal>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sqlite3.h>

namespace pult::control {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(RoomTest, TakeAnswersWithTheProgrammeTimeAtWhichItShowed) {
  StandIn transcode(*run_dir_, "pult-transcode");
  transcode.picture = 4200;
  start_pultd();
  const auto took = pult({"take", "hall", "--fade", "400", "--json"});
  ASSERT_EQ(took.code, exit_code::kDone) << took.err;
  EXPECT_LT(took.took, 1000ms * test::kSlowness);
  const auto answer = parsed(took.out);
  EXPECT_EQ(text_at(answer, {"scene"}), "hall");
  EXPECT_EQ(text_at(answer, {"picture"}), "4200");
  EXPECT_EQ(transcode.wanted().on_air.name, "hall");
  EXPECT_EQ(transcode.wanted().on_air.fade, 400ms);
  // The wall time is that of the picture on the room's grid: 4200 pictures of 40 ms after the epoch.
  const auto epoch = RoomEpoch::open(run_dir_->path());
  ASSERT_TRUE(epoch);
  const auto shown = std::chrono::duration_cast<std::chrono::milliseconds>(epoch->wall_of(168s)).count() % 1000;
  EXPECT_THAT(text_at(answer, {"shown_at"}), HasSubstr(fmt::format(".{:03}+0", shown)));
  const auto now = status();
  EXPECT_EQ(text_at(now, {"on_air", "scene"}), "hall");
  EXPECT_EQ(text_at(now, {"on_air", "since"}), text_at(answer, {"shown_at"}));
  EXPECT_EQ(text_at(now, {"on_air", "shown"}), "true");
}

TEST_F(RoomTest, ATakeThatDoesNotShowWithinASecondSaysWhy) {
  start_pultd();
  const auto nobody = pult({"take", "hall"});
  EXPECT_EQ(nobody.code, exit_code::kRefused);
  EXPECT_THAT(nobody.err, HasSubstr("accepted, not shown yet: pult-transcode does not run"));
  StandIn transcode(*run_dir_, "pult-transcode");
  transcode.shows = false;
  ASSERT_TRUE(wait_until([&] { return transcode.wanted().on_air.name == "hall"; }));
  const auto slow = pult({"take", "stage"});
  EXPECT_EQ(slow.code, exit_code::kRefused);
  EXPECT_THAT(slow.err, HasSubstr("pult-transcode runs but has not shown it yet"));
  EXPECT_GE(slow.took, 900ms);
  EXPECT_LT(slow.took, 2000ms * test::kSlowness);
  EXPECT_EQ(text_at(status(), {"on_air", "shown"}), "false");
  transcode.apply(transcode.wanted());
  EXPECT_TRUE(wait_until([&] { return text_at(status(), {"on_air", "shown"}) == "true"; }));
}

TEST_F(RoomTest, AKilledPultdComesBackWithEverythingAsItWas) {
  StandIn transcode(*run_dir_, "pult-transcode");
  StandIn packager(*run_dir_, "pult-packager");
  start_pultd();
  ASSERT_EQ(pult({"show", "start"}).code, exit_code::kDone);
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  ASSERT_EQ(pult({"preview", "stage"}).code, exit_code::kDone);
  ASSERT_EQ(pult({"slate", "pause", "--until", "14:30"}).code, exit_code::kDone);
  const auto before = status();
  const auto number = transcode.wanted().number;
  kill_pultd(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  start_pultd();
  const auto taken = pult({"take", "stage"});
  EXPECT_EQ(taken.code, exit_code::kDone) << taken.err;
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 2s * test::kSlowness);
  EXPECT_EQ(pult({"undo"}).code, exit_code::kDone);
  const auto after = status();
  for (const auto* member : {"show", "preview", "slate"})
    EXPECT_EQ(text_at(after, {member}), text_at(before, {member})) << member;
  EXPECT_EQ(text_at(after, {"on_air", "scene"}), "hall");
  EXPECT_EQ(transcode.wanted().number, number + 2);
}

TEST_F(RoomTest, AKilledPultdKeepsSinceWhenTheSceneIsOnAir) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  const auto since = text_at(status(), {"on_air", "since"});
  transcode.picture = 99999;
  ASSERT_EQ(pult({"preview", "stage"}).code, exit_code::kDone);
  kill_pultd(SIGKILL);
  start_pultd();
  EXPECT_EQ(text_at(status(), {"on_air", "since"}), since);
}

TEST_F(RoomTest, ALostDatabaseTakesNothingOffAir) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  const auto before = transcode.wanted();
  kill_pultd(SIGKILL);
  for (const auto* tail : {"", "-wal", "-shm"})
    std::filesystem::remove(folder_ / "data" / (std::string("pult.db") + tail));
  start_pultd();
  EXPECT_EQ(text_at(status(), {"on_air", "scene"}), "hall");
  EXPECT_TRUE(wait_until([&] { return transcode.wanted().epoch > before.epoch; }));
  EXPECT_EQ(transcode.wanted().on_air.name, "hall");
}

TEST_F(RoomTest, ADamagedDatabaseIsSetAsideAndTold) {
  std::filesystem::create_directories(folder_ / "data");
  ASSERT_TRUE(write_file(folder_ / "data" / "pult.db", std::string(8192, 'x')));
  start_pultd();
  EXPECT_EQ(text_at(status(), {"on_air", "scene"}), "stage");
  EXPECT_THAT(pult({"events"}).out, HasSubstr("pult.db was damaged; it lies now in"));
}

// pult.db as it was before there were talks: its tables are added, what it held stays.
TEST_F(RoomTest, ADatabaseOfAnOlderVersionIsBroughtUpToDate) {
  std::filesystem::create_directories(folder_ / "data");
  sqlite3* old = nullptr;
  ASSERT_EQ(::sqlite3_open((folder_ / "data" / "pult.db").c_str(), &old), SQLITE_OK);
  const char* version_1 =
      "CREATE TABLE wanted (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER, number INTEGER, state TEXT NOT NULL);"
      "CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER, level TEXT, program TEXT, text TEXT, details TEXT);"
      "CREATE TABLE tokens (name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, created INTEGER);"
      "INSERT INTO tokens VALUES ('regie', 'operate', 'x', 1);"
      "INSERT INTO events VALUES (7, 1, 'info', 'pultd', 'from before', '{}');"
      "PRAGMA user_version = 1;";
  EXPECT_EQ(::sqlite3_exec(old, version_1, nullptr, nullptr, nullptr), SQLITE_OK);
  ::sqlite3_close(old);
  start_pultd();
  EXPECT_THAT(pult({"token"}).out, HasSubstr("regie"));
  EXPECT_THAT(pult({"events"}).out, HasSubstr("from before"));
  const auto plan = folder_ / "plan.csv";
  ASSERT_TRUE(write_file(plan, "date;start;duration;room;title\n26.11.2027;10:00;45;Saal 1;Netze\n"));
  const auto imported = pult({"schedule", "import", plan.string(), "--apply"});
  ASSERT_EQ(imported.code, exit_code::kDone) << imported.err;
  ASSERT_TRUE(wait_until([&] { return pult({"talks"}).out.find("Netze") != std::string::npos; }));
  kill_pultd(SIGTERM);
  start_pultd();
  EXPECT_TRUE(wait_until([&] { return pult({"talks"}).out.find("Netze") != std::string::npos; })) << "and are kept";
}

TEST_F(RoomTest, WithoutItsDiskTheRoomGoesOnAndIsKeptLater) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  kill_pultd(SIGKILL);
  std::filesystem::rename(folder_ / "data", folder_ / "away");
  ASSERT_TRUE(write_file(folder_ / "data", "no directory"));
  start_pultd();
  const auto without = pult({"preview", "stage"});
  EXPECT_EQ(without.code, exit_code::kDone) << without.err;
  EXPECT_LT(without.took, 2s * test::kSlowness);
  EXPECT_EQ(text_at(status(), {"on_air", "scene"}), "hall");
  EXPECT_THAT(pult({"status"}).out, HasSubstr("! create "));
  std::filesystem::remove(folder_ / "data");
  std::filesystem::rename(folder_ / "away", folder_ / "data");
  const auto well_again = [&] { return pult({"status"}).out.find("! create ") == std::string::npos; };
  ASSERT_TRUE(wait_until(well_again));
  kill_pultd(SIGTERM);
  std::filesystem::remove(run_dir_->path() / "state" / "pultd.json");
  std::filesystem::remove(run_dir_->path() / "state" / "pult-transcode.json");
  start_pultd();
  EXPECT_EQ(text_at(status(), {"preview"}), "stage");
  EXPECT_THAT(pult({"events"}).out, HasSubstr("going on with what the room applied last"));
}

TEST_F(RoomTest, AWorkerThatIsAheadIsGoneAbove) {
  StandIn transcode(*run_dir_, "pult-transcode");
  start_pultd();
  ASSERT_EQ(pult({"take", "hall"}).code, exit_code::kDone);
  auto ahead = transcode.wanted();
  ahead.number += 40;
  transcode.apply(ahead);
  // The worker's own number rises only with what it is sent, so ask pultd.
  const auto number_of = [&] { return std::stoll(text_at(status(), {"number"})); };
  EXPECT_TRUE(wait_until([&] { return number_of() == ahead.number + 1; }));
  EXPECT_EQ(pult({"take", "stage"}).code, exit_code::kDone);
  EXPECT_EQ(transcode.wanted().number, ahead.number + 2);
}

TEST_F(RoomTest, AutostartOpensAShowOnceAndAnEndedOneStaysOver) {
  write_config(true);
  StandIn packager(*run_dir_, "pult-packager");
  start_pultd();
  const auto first = status();
  EXPECT_EQ(text_at(first, {"show", "state"}), "live");
  const auto id = text_at(first, {"show", "id"});
  EXPECT_THAT(id, testing::MatchesRegex("[0-9]{8}-[0-9]{4}-[a-z0-9]{4}"));
  kill_pultd(SIGKILL);
  start_pultd();
  EXPECT_EQ(text_at(status(), {"show", "id"}), id);
  ASSERT_EQ(pult({"show", "end"}).code, exit_code::kDone);
  kill_pultd(SIGKILL);
  start_pultd();
  EXPECT_EQ(text_at(status(), {"show", "state"}), "over");
  EXPECT_EQ(packager.wanted().show.state, WantedState::ShowState::kOver);
}

TEST_F(RoomTest, ReportsAreMergedIntoStatusAndMetrics) {
  StandIn ingest(*run_dir_, "pult-ingest");
  StandIn transcode(*run_dir_, "pult-transcode");
  StandIn decode(*run_dir_, "pult-decode@cam1");
  StandIn decode2(*run_dir_, "pult-decode@cam2");
  StandIn packager(*run_dir_, "pult-packager");
  StandIn jobs(*run_dir_, "pult-jobs");
  start_pultd();
  const json::object cam1{{"name", "cam1"}, {"state", "live"}, {"kbps", 4512},     {"rtt_ms", 12},
                          {"lost", 3},      {"dropped", 0},    {"verdict", "good"}};
  json::object cam2{{"name", "cam2"}, {"state", "live"}, {"verdict", "good"}};
  ingest.report({{"feeds", {cam1, cam2}}});
  decode.report({{"feed", "cam1"}, {"verdict", "good"}});
  decode2.report({{"feed", "cam2"}, {"verdict", "good"}});
  transcode.report({{"rungs", {json::object{{"name", "360p"}, {"kbps", 688}}}}, {"sound", {{"peak_db", -12.4}}}});
  packager.report({{"filled_total", 17}, {"show", nullptr}, {"live", false}});
  const auto all_well = [&] { return pult({"status", "--check"}).code == exit_code::kDone; };
  ASSERT_TRUE(wait_until(all_well)) << pult({"status"}).out;
  const auto screen = pult({"status"}).out;
  EXPECT_THAT(screen, HasSubstr("cam1  Rednerpult  live  4512 kbit/s  12 ms"));
  EXPECT_THAT(screen, HasSubstr("peak -12 dB"));
  EXPECT_THAT(screen, HasSubstr("all 7 run"));
  EXPECT_THAT(screen, testing::Not(HasSubstr("\x1b["))); // no terminal, no colour
  auto socket = test::Client::unix(run_dir_->socket_path("control.sock"));
  ASSERT_TRUE(socket.send("GET /metrics HTTP/1.1\r\nHost: pult\r\n\r\n"));
  const auto metrics = socket.receive();
  EXPECT_THAT(metrics.body, HasSubstr("pult_filled_total{program=\"pult-packager\"} 17\n"));
  EXPECT_THAT(metrics.body, HasSubstr("pult_feed_kbps{program=\"pult-ingest\",name=\"cam1\"} 4512\n"));
  decode2.report({{"feed", "cam2"}, {"verdict", "unsupported: video/x-theora"}});
  EXPECT_TRUE(wait_until([&] { return pult({"feeds"}).out.find("unsupported") != std::string::npos; }));
  cam2["state"] = "lost";
  cam2["verdict"] = "the sender is gone for 12 s";
  ingest.report({{"feeds", {cam1, cam2}}});
  EXPECT_TRUE(wait_until([&] { return pult({"status", "--check"}).code == exit_code::kDegraded; }));
  EXPECT_THAT(pult({"feeds"}).out, HasSubstr("cam2              lost  the sender is gone for 12 s"));
}

TEST_F(RoomTest, EventsOfWorkersAreKeptOverAKill) {
  StandIn ingest(*run_dir_, "pult-ingest");
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }));
  ASSERT_TRUE(wait_until([&] { return ingest.wanted().number > 0; }));
  ingest.event("warning", "stranger \x1b[31mrefused");
  const auto told = [&] { return pult({"events"}).out.find("stranger  [31mrefused") != std::string::npos; };
  ASSERT_TRUE(wait_until(told)) << pult({"events"}).out;
  kill_pultd(SIGTERM);
  EXPECT_EQ(exit_code(), 0);
  start_pultd();
  EXPECT_TRUE(wait_until(told));
}

TEST_F(RoomTest, WrongUsageIsTwoAndNamesTheNearest) {
  const auto command = pult({"stauts"});
  EXPECT_EQ(command.code, exit_code::kUsage);
  EXPECT_THAT(command.err, HasSubstr("did you mean \"status\"?"));
  const auto option = pult({"take", "hall", "--fde", "300"});
  EXPECT_EQ(option.code, exit_code::kUsage);
  EXPECT_THAT(option.err, HasSubstr("did you mean \"--fade\"?"));
  EXPECT_EQ(pult({"take", "hall", "--fade", "300", "--cut"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({"show", "begin"}).code, exit_code::kUsage);
  EXPECT_EQ(pult({}).code, exit_code::kUsage);
  const auto help = pult({"take", "--help"});
  EXPECT_EQ(help.code, exit_code::kDone);
  EXPECT_THAT(help.out, HasSubstr("Example: pult take"));
}

TEST_F(RoomTest, RefusalsAreOneAndNobodyIsThree) {
  const auto nobody = pult({"status"});
  EXPECT_EQ(nobody.code, exit_code::kNobody);
  EXPECT_THAT(nobody.err, HasSubstr("does not run here"));
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }));
  const auto scene = pult({"take", "hal"});
  EXPECT_EQ(scene.code, exit_code::kRefused);
  EXPECT_THAT(scene.err, HasSubstr("did you mean \"hall\"?"));
  EXPECT_EQ(pult({"take"}).code, exit_code::kRefused);
  EXPECT_EQ(pult({"undo"}).code, exit_code::kRefused);
  EXPECT_EQ(pult({"show", "end"}).code, exit_code::kRefused);
  kill_pultd(SIGKILL);
  const auto gone = pult({"status"}); // the socket file is there, nobody behind it
  EXPECT_EQ(gone.code, exit_code::kNobody);
  EXPECT_LT(gone.took, 3s * test::kSlowness);
}

TEST_F(RoomTest, ABrokenConfigIsSeventyEightUnlessTheRoomRuns) {
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }));
  const auto text = read_file(folder_ / "room.toml");
  ASSERT_TRUE(text);
  ASSERT_TRUE(write_file(folder_ / "room.toml", *text + "\n[hls]\nsegmnt_ms = 3\n"));
  EXPECT_EQ(pult({"status"}).code, exit_code::kDone); // a room that runs keeps its config
  kill_pultd(SIGTERM);
  const auto broken = pult({"status"});
  EXPECT_EQ(broken.code, exit_code::kBadConfig);
  EXPECT_THAT(broken.err, HasSubstr("did you mean \"segment_ms\"?"));
  EXPECT_EQ(pult({"status"}, "/nowhere/room.toml").code, exit_code::kBadConfig);
}

TEST_F(CrewPort, EveryCallNeedsAToken) {
  EXPECT_EQ(ask("GET /api/v1/status").status, 401);
  EXPECT_EQ(ask("GET /api/v1/nothing").status, 401);
  EXPECT_EQ(ask("GET /api/v1/status", "guess").status, 401);
  EXPECT_EQ(ask("GET /healthz").status, 200);
  EXPECT_EQ(ask("GET /metrics").status, 200); // loopback
  const auto desk = add_token("desk", "operate");
  EXPECT_EQ(ask("GET /api/v1/status", desk).status, 200);
  EXPECT_EQ(ask("POST /api/v1/preview", desk, R"({"scene":"hall"})").status, 200);
  EXPECT_EQ(ask("POST /api/v1/tokens", desk, R"({"name":"me","role":"admin"})").status, 403);
  const auto wall = add_token("wall", "view");
  EXPECT_EQ(ask("POST /api/v1/preview", wall, R"({"scene":"hall"})").status, 403);
  ASSERT_EQ(pult({"token", "revoke", "desk"}).code, exit_code::kDone);
  EXPECT_EQ(ask("GET /api/v1/status", desk).status, 401);
}

TEST_F(CrewPort, TokensOutliveAKillAndAreNotInTheDatabase) {
  const auto desk = add_token("desk", "operate");
  kill_pultd(SIGTERM);
  std::string all;
  for (const auto* tail : {"", "-wal"})
    if (auto text = read_file(folder_ / "data" / (std::string("pult.db") + tail))) all += *text;
  EXPECT_THAT(all, HasSubstr("desk"));
  EXPECT_THAT(all, testing::Not(HasSubstr(desk)));
  SetUp();
  EXPECT_EQ(ask("GET /api/v1/status", desk).status, 200);
}

TEST_F(CrewPort, TheCommandLineReachesItByUrl) {
  ASSERT_TRUE(write_file(folder_ / "token", add_token("laptop", "operate") + "\n"));
  const std::vector<std::string> there{"--url", fmt::format("http://127.0.0.1:{}", port_), "--token-file",
                                       (folder_ / "token").string()};
  auto words = there;
  words.insert(words.end(), {"preview", "hall"});
  const auto ran = pult_by_url(words);
  EXPECT_EQ(ran.code, exit_code::kDone) << ran.err;
  EXPECT_EQ(text_at(status(), {"preview"}), "hall");
}

TEST_F(CrewPort, WrongCallsAreRefusedWithTheirReason) {
  const auto desk = add_token("desk", "operate");
  EXPECT_EQ(ask("GET /api/v1/nothing", desk).status, 404);
  EXPECT_EQ(ask("GET /api/v1/take", desk).status, 405);
  EXPECT_EQ(ask("POST /api/v1/take", desk, "{").status, 400);
  EXPECT_EQ(ask("POST /api/v1/take", desk, "[]").status, 400);
  EXPECT_EQ(ask("POST /api/v1/take", desk, R"({"fade_ms":"x"})").status, 400);
  EXPECT_EQ(ask("POST /api/v1/take", desk, std::string(20000, '[')).status, 400);
  EXPECT_EQ(ask("GET /api/v1/events?after=x", desk).status, 400);
  const auto typo = ask("POST /api/v1/take", desk, R"({"sceen":"hall"})");
  EXPECT_EQ(typo.status, 400);
  EXPECT_EQ(text_at(parsed(typo.body), {"error", "code"}), "invalid");
  EXPECT_THAT(text_at(parsed(typo.body), {"error", "message"}), HasSubstr("did you mean \"scene\"?"));
}

} // namespace
} // namespace pult::control
