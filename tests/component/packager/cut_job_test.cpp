// Talk files from a real recording: exact in and out, in step, whole; and what becomes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "packager/jobs/export.hpp"
#include "packager/jobs/job_runner.hpp"
#include "packager/jobs/publish.hpp"
#include "played_file.hpp"
#include "recorded_programme.hpp"
#include "temp_folder.hpp"

#include <boost/json.hpp>
#include <fstream>

namespace pult::packager::jobs {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr Nanoseconds kPicture = 40ms;

class CutJobTest : public testing::Test {
 protected:
  void SetUp() override {
    archive.data_dir = folder.path();
    archive.acronym = "od26";
    archive.event = "Ortenau Digital";
    archive.room = "Saal 1";
    archive.licence = "CC-BY-4.0";
    archive.language = "de";
    archive.base_url = "https://talks.example.org";
    record(0, 24);
  }

  void record(std::int64_t first, std::int64_t rows) { test::record(programme, archive.program(), first, rows); }

  // From picture to picture, with a chapter two seconds in.
  [[nodiscard]] Job cut(PictureIndex in, PictureIndex out) const {
    const auto at = [](PictureIndex n) { return (test::kEpochWall + n * kPicture).count(); };
    const json::object talk{{"id", "17"},
                            {"slug", "buergerdienste"},
                            {"title", "Bürgerdienste & <Daten>"},
                            {"speakers", json::array{"Ada Beispiel", "Jo Muster"}},
                            {"language", "deu"},
                            {"date", "2026-11-26T10:00:00+01:00"},
                            {"abstract", "Wie eine Stadt antwortet."},
                            {"show", "show-1"},
                            {"marks", {{"in", at(in)}, {"out", at(out)}}},
                            {"chapters", json::array{json::object{{"at", at(in + 50)}, {"text", "Fragen"}}}}};
    auto job = job_from_json({{"id", 1}, {"kind", "cut"}, {"talk", talk}});
    EXPECT_TRUE(job);
    return *job;
  }
  static Report go_on() {
    return [](const std::string&, double) { return true; };
  }
  [[nodiscard]] fs::path draft(const std::string& name) const { return archive.drafts() / "buergerdienste" / name; }
  [[nodiscard]] json::object read_json(const fs::path& file) const {
    const auto text = read_file(file);
    EXPECT_TRUE(text) << file;
    return text ? json::parse(*text).as_object() : json::object{};
  }
  // What the recording's picture n looks like; its samples repeat each segment.
  [[nodiscard]] std::vector<Bytes> whole_segment() const {
    auto decoded = test::decode_video(programme.video().avcc, programme.video().samples);
    for (auto& picture : decoded.pictures)
      picture.resize(320 * 180);
    return decoded.pictures;
  }

  test::TempFolder folder;
  ArchiveFolders archive;
  test::SmallProgramme programme;
};

TEST_F(CutJobTest, TheFileBeginsAndEndsWithExactlyThePicturesOfTheMarks) {
  const auto done = cut_talk(archive, cut(59, 170), go_on());
  ASSERT_TRUE(done) << done.error().message;
  const auto played = test::play(draft("video.mp4"));
  const auto segment = whole_segment();
  ASSERT_EQ(played.pictures.size(), 111u);
  for (std::size_t i = 0; i < played.pictures.size(); ++i) {
    ASSERT_TRUE(played.pictures[i] == segment[(59 + i) % 48]) << "picture " << i;
    EXPECT_NEAR(played.times[i], static_cast<double>(i) * 0.04, 0.0005);
  }
  EXPECT_LE(std::abs(played.sound_begin), 0.0214) << "within a sound frame of the first picture";
  EXPECT_NEAR(played.duration, 111 * 0.04, 0.022);
  EXPECT_EQ(played.chapters, 2u);
  EXPECT_EQ(played.tags.at("title"), "Bürgerdienste & <Daten>");
  EXPECT_EQ(played.tags.at("artist"), "Ada Beispiel, Jo Muster");
  EXPECT_EQ(played.tags.at("album"), "Ortenau Digital");
  EXPECT_EQ(played.tags.at("copyright"), "CC-BY-4.0");
}

TEST_F(CutJobTest, TheMoovIsInFrontSoThatPlayingBeginsAtOnce) {
  ASSERT_TRUE(cut_talk(archive, cut(48, 96), go_on()));
  std::ifstream in(draft("video.mp4"), std::ios::binary);
  std::string head(1 << 20, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  EXPECT_LT(head.find("moov"), head.find("mdat"));
}

TEST_F(CutJobTest, TalkJsonSaysWhatIsThere) {
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  const auto talk = read_json(draft("talk.json"));
  EXPECT_EQ(talk.at("slug"), "buergerdienste");
  EXPECT_EQ(talk.at("persons").as_array().size(), 2u);
  EXPECT_DOUBLE_EQ(talk.at("length").to_number<double>(), 4.44);
  EXPECT_TRUE(talk.at("gaps").as_array().empty());
  const auto& files = talk.at("recordings").as_array();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].at("download"), "od26-17-deu-buergerdienste_hd.mp4");
  EXPECT_EQ(files[0].at("bytes").to_number<std::uint64_t>(), fs::file_size(draft("video.mp4")));
  EXPECT_EQ(files[0].at("sha256").as_string().size(), 64u);
  EXPECT_EQ(files[1].at("mime_type"), "audio/mp4");
  EXPECT_GT(test::play(draft("audio.m4a")).duration, 4.3);
  EXPECT_EQ(talk.at("chapters").as_array().size(), 1u);
  for (const auto* picture : {"poster.jpg", "contact.jpg", "thumbs.jpg"})
    EXPECT_GT(fs::file_size(draft(picture)), 500u) << picture;
  const auto wave = read_json(draft("waveform.json"));
  EXPECT_EQ(wave.at("peaks").as_array().size(), 89u); // 4.44 s in steps of 50 ms
}

TEST_F(CutJobTest, AHoleInTheRecordingKeepsTimeAndIsListed) {
  record(36, 12); // nothing of 24 to 35: rows of 0.32 s
  const auto done = cut_talk(archive, cut(96, 48 * 8), go_on());
  ASSERT_TRUE(done) << done.error().message;
  const auto& gaps = done->at("gaps").as_array();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].at("kind"), "missing");
  EXPECT_NEAR(gaps[0].at("begin").to_number<double>(), 24 * 0.32 - 96 * 0.04, 0.001);
  EXPECT_NEAR(gaps[0].at("end").to_number<double>(), 36 * 0.32 - 96 * 0.04, 0.001);
  const auto played = test::play(draft("video.mp4"));
  EXPECT_NEAR(played.duration, (48 * 8 - 96) * 0.04, 0.022);
  EXPECT_NEAR(played.times.back(), (48 * 8 - 96 - 1) * 0.04, 0.001) << "what follows a hole is where it belongs";
}

TEST_F(CutJobTest, SoundThatWasRecordedTooEarlyIsRepairedByAnOffset) {
  auto job = cut(59, 170);
  ASSERT_TRUE(cut_talk(archive, job, go_on()));
  const auto before = test::play(draft("video.mp4"));
  job.sound_offset = 400ms;
  ASSERT_TRUE(cut_talk(archive, job, go_on()));
  const auto after = test::play(draft("video.mp4"));
  EXPECT_EQ(after.pictures.size(), before.pictures.size());
  const RecordedShow show = *read_recording(archive.program(), "show-1");
  const auto plain = plan_cut(show, job.talk.marks, 25), later = plan_cut(show, job.talk.marks, 25, 400ms);
  EXPECT_EQ(later->tracks[0].parts.front().shift, plain->tracks[0].parts.front().shift) << "the picture stays";
  EXPECT_EQ(later->tracks[1].parts.front().shift, plain->tracks[1].parts.front().shift + 19200)
      << "the sound comes 400 ms later";
}

TEST_F(CutJobTest, MarksOutsideOfTheRecordingAreRefusedWithWhatThereIs) {
  const auto done = cut_talk(archive, cut(50'000, 60'000), go_on());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the recording goes from"));
  const auto backwards = cut_talk(archive, cut(100, 50), go_on());
  ASSERT_FALSE(backwards);
  EXPECT_THAT(backwards.error().message, HasSubstr("behind the in mark"));
}

TEST_F(CutJobTest, TheTalkCanBeWatchedBeforeThereIsAFile) {
  ASSERT_TRUE(write_vod(archive, cut(59, 170).talk));
  const auto text = read_file(draft("180p.m3u8"));
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("#EXT-X-START:TIME-OFFSET=0.44000,PRECISE=YES"));
  EXPECT_THAT(*text, HasSubstr("#EXT-X-MAP:URI=\"../../program/show-1/180p/"));
  EXPECT_THAT(*text, HasSubstr("#EXT-X-ENDLIST"));
  EXPECT_THAT(*read_file(draft("index.m3u8")), HasSubstr("180p.m3u8"));
  EXPECT_FALSE(fs::exists(draft("video.mp4")));
}

TEST_F(CutJobTest, AStoppedJobGoesOnWhereItWas) {
  int steps = 0;
  const Report stop_early = [&](const std::string& doing, double) { return doing == "video" || ++steps < 2; };
  EXPECT_FALSE(cut_talk(archive, cut(59, 170), stop_early));
  EXPECT_FALSE(fs::exists(draft("talk.json"))) << "not complete";
  const auto before = fs::last_write_time(draft("video.mp4"));
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  EXPECT_EQ(fs::last_write_time(draft("video.mp4")), before) << "the file was there";
  ASSERT_TRUE(cut_talk(archive, cut(60, 170), go_on()));
  EXPECT_EQ(test::play(draft("video.mp4")).pictures.size(), 110u) << "other marks make another file";
  for (const auto& entry : fs::directory_iterator(archive.drafts() / "buergerdienste"))
    EXPECT_NE(entry.path().extension(), ".part");
}

TEST_F(CutJobTest, PublishingIsARenameAndDoneOnce) {
  const auto talk = cut(59, 170).talk;
  const auto early = publish_talk(archive, talk);
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message, HasSubstr("no finished draft"));
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  ASSERT_TRUE(publish_talk(archive, talk));
  EXPECT_TRUE(fs::exists(archive.talks() / "buergerdienste/video.mp4"));
  EXPECT_FALSE(fs::exists(archive.talks() / "buergerdienste/cut.json")) << "marks are nobody's business";
  EXPECT_FALSE(fs::exists(archive.drafts() / "buergerdienste"));
  const auto twice = publish_talk(archive, talk);
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("public already"));
}

TEST_F(CutJobTest, WithdrawingTakesEveryCopyAndTheRestStillPlays) {
  const auto talk = cut(59, 170).talk;
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  ASSERT_TRUE(publish_talk(archive, talk));
  const auto before = read_recording(archive.program(), "show-1");
  const auto media = before->tracks[0].files[0].media;
  const auto size = fs::file_size(media);
  const auto done = withdraw_talk(archive, talk);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->at("removed").as_array().size(), 2u);
  EXPECT_THAT(std::string(done->at("remains").as_string()), HasSubstr("caches"));
  EXPECT_FALSE(fs::exists(archive.talks() / "buergerdienste"));
  EXPECT_EQ(fs::file_size(media), size) << "append only: one free box of the same length";
  const auto after = read_recording(archive.program(), "show-1");
  std::ifstream in(media, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  std::size_t removed = 0;
  for (const auto& part : after->tracks[0].files[0].parts) {
    if (!part.removed) continue;
    ++removed;
    const auto body = bytes.substr(part.offset + 8, part.length - 8);
    EXPECT_EQ(body.find_first_not_of('\0'), std::string::npos) << "nothing of it is left";
  }
  EXPECT_EQ(removed, 15u); // rows 7 to 21 hold pictures 59 to 169
  const auto decoded = test::decode_file(Bytes(bytes.begin(), bytes.end()));
  EXPECT_EQ(decoded.pictures, static_cast<std::int64_t>(24 - removed) * 8) << "players skip a free box";
  EXPECT_FALSE(cut_talk(archive, cut(70, 160), go_on())) << "it cannot be cut again";
  ASSERT_TRUE(withdraw_talk(archive, talk)) << "twice is once";
}

TEST_F(CutJobTest, ExportsRefuseTheArchiveItself) {
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  ASSERT_TRUE(publish_talk(archive, cut(59, 170).talk));
  for (const auto& to :
       {archive.talks().string(), (archive.talks() / "sub").string(), archive.data_dir.string(), std::string()})
    EXPECT_FALSE(export_talks(archive, to, go_on())) << to;
  const auto to = folder.path().string() + "-export";
  const auto done = export_talks(archive, to, go_on());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(fs::file_size(to + "/buergerdienste/video.mp4"),
            fs::file_size(archive.talks() / "buergerdienste/video.mp4"));
  fs::remove_all(to);
}

TEST_F(CutJobTest, AnExportTakesAwayWhatItBroughtAndNothingElse) {
  const auto talk = cut(59, 170).talk;
  ASSERT_TRUE(cut_talk(archive, cut(59, 170), go_on()));
  ASSERT_TRUE(publish_talk(archive, talk));
  const fs::path stick = folder.path().string() + "-stick";
  fs::create_directories(stick / "holiday");
  ASSERT_TRUE(replace_file(stick / "holiday/photo.jpg", "mine"));
  ASSERT_TRUE(replace_file(stick / "notes.txt", "mine"));
  for (int times = 0; times < 2; ++times)
    ASSERT_TRUE(export_talks(archive, stick, go_on()));
  EXPECT_TRUE(fs::exists(stick / "buergerdienste/video.mp4"));
  fs::remove(archive.talks() / "buergerdienste/poster.jpg");
  ASSERT_TRUE(export_talks(archive, stick, go_on()));
  EXPECT_FALSE(fs::exists(stick / "buergerdienste/poster.jpg")) << "within a talk's folder both are the same";
  ASSERT_TRUE(withdraw_talk(archive, talk));
  const auto done = export_talks(archive, stick, go_on());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->at("removed").to_number<int>(), 1);
  EXPECT_FALSE(fs::exists(stick / "buergerdienste")) << "what was withdrawn goes";
  EXPECT_EQ(*read_file(stick / "holiday/photo.jpg"), "mine");
  EXPECT_EQ(*read_file(stick / "notes.txt"), "mine");
  fs::remove_all(stick);
}

TEST_F(CutJobTest, TheRunnerDoesEachJobOnceAndTellsOfFailures) {
  std::mutex mutex;
  std::condition_variable changed;
  JobRunner runner(archive, {[&] { changed.notify_all(); }, [] {}});
  auto bad = cut(50'000, 60'000);
  bad.id = 2;
  runner.want({cut(59, 170), bad});
  runner.want({cut(59, 170), bad}); // again, as pultd does
  const auto ended = [&] {
    const auto reports = runner.reports();
    return reports.size() == 2 && reports[0].state == "done" && reports[1].state == "failed";
  };
  std::unique_lock lock(mutex);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!ended() && std::chrono::steady_clock::now() < until)
    changed.wait_for(lock, 20ms);
  ASSERT_TRUE(ended());
  EXPECT_TRUE(runner.reports()[0].watchable);
  EXPECT_THAT(runner.reports()[1].error, HasSubstr("nothing was recorded"));
}

} // namespace
} // namespace pult::packager::jobs
