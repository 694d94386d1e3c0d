#include "packager/jobs/cut_job.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "packager/jobs/feed_track.hpp"
#include "packager/jobs/vod_playlist.hpp"
#include "packager/multivariant_playlist.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>
#include <thread>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using packet_link::TrackKind;

struct Planned {
  RecordedShow show;
  CutPlan plan; // points into `show`
  Planned() = default;
  Planned(const Planned&) = delete;
};

Result<std::unique_ptr<Planned>> plan_of(const ArchiveFolders& archive, const Talk& talk, Nanoseconds sound_later) {
  auto planned = std::make_unique<Planned>();
  auto show = read_recording(archive.program(), talk.show);
  if (!show) return show.error();
  planned->show = std::move(*show);
  auto plan = plan_cut(planned->show, talk.marks, archive.fps, sound_later);
  if (!plan) return plan.error();
  planned->plan = std::move(*plan);
  return planned;
}

// Another camera's pictures in place of the programme's; its sound stays.
Result<void> take_feed(Planned& planned, const ArchiveFolders& archive, const Job& job, const fs::path& work,
                       const Progress& progress) {
  auto& tracks = planned.show.tracks;
  const auto top = std::find_if(planned.plan.tracks.begin(), planned.plan.tracks.end(), [](const TrackPlan& track) {
    return track.track->description.kind == TrackKind::kVideo && !track.parts.empty();
  });
  if (top == planned.plan.tracks.end()) return Error{Errc::kRefused, "no picture of this time was recorded"};
  const auto grid = Grid::of(archive.fps);
  if (!grid) return Error{Errc::kInvalidArgument, "no grid of this rate"};
  const auto& rung = top->track->description;
  const FeedCut cut{archive.iso() / job.source_feed,
                    job.source_feed,
                    job.feed_delay,
                    planned.plan.marks,
                    top->parts.front().file->epoch_wall,
                    Cutting::of(*grid, archive.segment, archive.segment),
                    rung.width,
                    rung.height,
                    rung.kbps};
  auto track = make_feed_track(cut, work, progress);
  if (!track) return track.error();
  std::erase_if(tracks, [](const RecordedTrack& one) { return one.description.kind == TrackKind::kVideo; });
  tracks.insert(tracks.begin(), std::move(*track));
  auto plan = plan_cut(planned.show, cut.marks, archive.fps, job.sound_offset);
  if (!plan) return plan.error();
  planned.plan = std::move(*plan);
  return {};
}

// The largest and the smallest rung that were recorded.
struct Rungs {
  const TrackPlan* top = nullptr;
  const TrackPlan* small = nullptr;
  std::vector<const TrackPlan*> sounds;
};

Rungs rungs_of(const CutPlan& plan) {
  Rungs rungs;
  for (const auto& track : plan.tracks) {
    if (track.parts.empty()) continue;
    if (track.track->description.kind == TrackKind::kSound) {
      rungs.sounds.push_back(&track);
    } else {
      if (rungs.top == nullptr) rungs.top = &track;
      rungs.small = &track;
    }
  }
  return rungs;
}

std::string joined(const std::vector<std::string>& names) {
  return std::accumulate(names.begin(), names.end(), std::string{}, [](const std::string& all, const std::string& one) {
    return all.empty() ? one : all + ", " + one;
  });
}

TalkTags tags_of(const ArchiveFolders& archive, const Talk& talk, const CutPlan& plan) {
  TalkTags tags;
  tags.title = talk.title;
  tags.artist = joined(talk.speakers);
  tags.album = archive.event;
  tags.date = talk.date.substr(0, 10);
  if (const auto* text = talk.all.if_contains("abstract"); text != nullptr && text->is_string())
    tags.description = text->get_string();
  tags.copyright = archive.licence;
  for (const auto& chapter : talk.chapters)
    if (chapter.at >= plan.marks.in && chapter.at < plan.marks.out)
      tags.chapters.push_back({chapter.at - plan.marks.in, chapter.title});
  // A player's first chapter begins with the file.
  if (!tags.chapters.empty() && tags.chapters.front().at > Nanoseconds{})
    tags.chapters.insert(tags.chapters.begin(), {Nanoseconds{}, talk.title});
  return tags;
}

constexpr const char* kFeedFolder = "feed"; // of a talk's folder, while it is made from a feed's own recording
constexpr double kFeedShare = 0.7;          // of the work

// What the files of a folder are of.
std::string recipe(const Job& job) {
  return json::serialize(json::object{{"talk", job.talk.all},
                                      {"feed", job.source_feed},
                                      {"delay_ms", job.feed_delay.count()},
                                      {"sound_offset_ms", job.sound_offset.count()}});
}

// Another cut begins with an empty folder; nothing of the old one is shown as the new one.
Result<void> prepare(const fs::path& folder, const Job& job) {
  const auto made_of = recipe(job);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return Error{Errc::kIo, "create " + folder.string() + ": " + failed.message()};
  const auto before = read_file(folder / "cut.json");
  if (before && *before == made_of) return {};
  for (const auto* name :
       {"talk.json", "video.mp4", "audio.m4a", "poster.jpg", "contact.jpg", "thumbs.jpg", "waveform.json"})
    fs::remove(folder / name, failed);
  fs::remove_all(folder / kFeedFolder, failed);
  // Playlists are of the programme; those of this cut are written beside this job.
  if (!job.source_feed.empty())
    for (const auto& entry : fs::directory_iterator(folder, failed))
      if (entry.path().extension() == ".m3u8") fs::remove(entry.path(), failed);
  return replace_file(folder / "cut.json", made_of, true);
}

// Mixer, encoders and the part that it lies in: a second after it happened a picture is on disk, two at the latest.
constexpr std::chrono::seconds kLongestTail{4};
constexpr std::chrono::milliseconds kLookAgain{50};

bool is_there(const fs::path& file) {
  std::error_code unknown;
  return fs::is_regular_file(file, unknown);
}

// One step's share of the whole job.
struct Step {
  const Report& report;
  std::string doing;
  double from, to;
  bool operator()(double progress) const { return report(doing, from + (to - from) * progress); }
};

Result<TalkFileFacts> make_file(const fs::path& folder, const std::string& name, const CutPlan& plan,
                                const TrackPlan* video, const Rungs& rungs, const TalkTags& tags, const Step& step) {
  TalkFileFacts file;
  file.name = name;
  file.language = rungs.sounds.empty() ? "" : rungs.sounds.front()->track->description.language;
  if (!is_there(folder / name)) {
    auto facts = write_talk_file(folder / name, plan, video, rungs.sounds, tags, step);
    if (!facts) return facts.error();
  }
  std::error_code unknown;
  file.facts.bytes = fs::file_size(folder / name, unknown);
  file.facts.length = plan.length();
  if (video != nullptr) file.facts.width = video->track->description.width;
  if (video != nullptr) file.facts.height = video->track->description.height;
  return file;
}

std::vector<Gap> gaps_of(const Rungs& rungs) {
  auto gaps = rungs.top->gaps;
  for (const auto* sound : rungs.sounds)
    for (const auto& gap : sound->gaps)
      if (std::none_of(gaps.begin(), gaps.end(),
                       [&](const Gap& known) { return known.begin <= gap.begin && gap.end <= known.end; }))
        gaps.push_back(gap);
  std::sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.begin < b.begin; });
  return gaps;
}

} // namespace

void await_recorded(const ArchiveFolders& archive, const Talk& talk, const std::function<bool()>& go_on) {
  const auto begun = std::chrono::steady_clock::now();
  while (go_on() && std::chrono::steady_clock::now() - begun < kLongestTail) {
    const auto show = read_recording(archive.program(), talk.show);
    const bool there =
        show && !show->tracks.empty() &&
        std::all_of(show->tracks.begin(), show->tracks.end(), [&](const RecordedTrack& track) {
          if (track.files.empty()) return false;
          const auto& file = track.files.back();
          return track.wall_of(file, file.parts.back().begin + file.parts.back().duration) >= talk.marks.out;
        });
    // Long past: whatever is missing will not come.
    if (there || wall_now() - talk.marks.out > kLongestTail) return;
    std::this_thread::sleep_for(kLookAgain);
  }
}

Result<void> write_vod(const ArchiveFolders& archive, const Talk& talk) {
  const auto planned = plan_of(archive, talk, {});
  if (!planned) return planned.error();
  const auto& plan = (*planned)->plan;
  const auto folder = archive.drafts() / talk.slug;
  std::error_code failed;
  fs::create_directories(folder, failed);
  for (const auto& track : plan.tracks) {
    if (track.parts.empty()) continue;
    const auto text = vod_media_playlist(track, "../../program/" + uri_escaped(talk.show));
    if (auto done = replace_file(folder / (track.track->description.name + ".m3u8"), text); !done) return done;
  }
  return replace_file(folder / "index.m3u8", vod_multivariant_playlist(plan, archive.segment));
}

Result<json::object> cut_talk(const ArchiveFolders& archive, const Job& job, const Report& told) {
  const auto& talk = job.talk;
  const auto folder = archive.drafts() / talk.slug;
  const bool of_feed = !job.source_feed.empty();
  const auto begin = of_feed ? kFeedShare : 0.0;
  const Report report = [&](const std::string& doing, double progress) {
    return told(doing, begin + (1 - begin) * progress);
  };
  if (auto ready = prepare(folder, job); !ready) return ready.error();
  await_recorded(archive, talk, [&] { return told("recording", 0); });
  const auto planned = plan_of(archive, talk, job.sound_offset);
  if (!planned) return planned.error();
  const auto span = recorded_span((*planned)->show);
  if (of_feed) {
    const auto doing = "pictures of " + job.source_feed;
    auto taken = take_feed(**planned, archive, job, folder / kFeedFolder, Step{told, doing, 0, kFeedShare});
    if (!taken) return taken.error();
  }
  const auto& plan = (*planned)->plan;
  const auto rungs = rungs_of(plan);
  const auto tags = tags_of(archive, talk, plan);
  TalkFacts facts;
  facts.length = plan.length();
  facts.gaps = gaps_of(rungs);
  auto video = make_file(folder, "video.mp4", plan, rungs.top, rungs, tags, {report, "video", 0, 0.5});
  if (!video) return video.error();
  video->download_name = download_name(archive.acronym, talk, "hd", "mp4");
  video->mime_type = "video/mp4";
  facts.files.push_back(std::move(*video));
  if (!rungs.sounds.empty()) {
    auto audio = make_file(folder, "audio.m4a", plan, nullptr, rungs, tags, {report, "sound", 0.5, 0.55});
    if (!audio) return audio.error();
    audio->download_name = download_name(archive.acronym, talk, "audio", "m4a");
    audio->mime_type = "audio/mp4";
    facts.files.push_back(std::move(*audio));
    auto sound = measure_sound(plan, *rungs.sounds.front(), Step{report, "loudness", 0.55, 0.8});
    if (!sound) return sound.error();
    facts.sound = std::move(*sound);
  }
  if (!report("pictures", 0.8)) return Error{Errc::kUnavailable, "stopped"};
  auto thumbs = make_pictures(folder, plan, *rungs.top, *rungs.small);
  if (!thumbs) return thumbs.error();
  facts.thumbs = *thumbs;
  for (auto& file : facts.files) {
    auto hash = sha256_of(folder / file.name, Step{report, "checksums", 0.9, 1.0});
    if (!hash) return hash.error();
    file.sha256 = std::move(*hash);
  }
  auto written =
      replace_file(folder / "waveform.json", json::serialize(waveform_json(facts.sound, facts.thumbs)), true);
  const auto about = talk_json(talk, archive, facts);
  if (written) written = replace_file(folder / "talk.json", json::serialize(about), true);
  if (!written) return written.error();
  std::error_code failed;
  fs::remove_all(folder / kFeedFolder, failed);
  return json::object{
      {"length", about.at("length")}, {"recorded_in", span->in.count()},          {"recorded_out", span->out.count()},
      {"gaps", about.at("gaps")},     {"bytes", facts.files.front().facts.bytes}, {"loudness", about.at("loudness")}};
}

} // namespace pult::packager::jobs
