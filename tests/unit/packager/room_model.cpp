#include "room_model.hpp"

namespace pult::packager::test {

// --- the judge -----------------------------------------------------------------------------------------------------

void Judge::judge_order(const CutPart& part) {
  EXPECT_EQ(part.tools, formats_[part.track]) << "a part in a format that was not announced";
  EXPECT_EQ(part.last_of_segment, part.number + 1 == cutting_.parts_per_segment());
  EXPECT_EQ(part.number == 0, cutting_.starts_segment(part.first_picture));
  if (part.discontinuity_before) discontinuities.insert(part.first_picture);
  EXPECT_TRUE(!part.discontinuity_before || part.number == 0) << "a discontinuity inside a segment";
  std::int64_t at = part.begin;
  for (const CutSample& sample : part.samples) {
    EXPECT_EQ(sample.dts, at);
    at += sample.duration;
  }
  EXPECT_EQ(at, part.begin + part.duration);
  const auto before = last_.find(part.track);
  if (before != last_.end()) {
    const CutPart& last = before->second;
    EXPECT_EQ(part.sequence, last.sequence + (last.last_of_segment ? 1 : 0));
    EXPECT_EQ(part.number, last.last_of_segment ? 0 : last.number + 1);
    EXPECT_TRUE(part.discontinuity_before || part.begin == last.begin + last.duration) << "a gap at " << part.begin;
  }
  last_[part.track] = part;
}

void Judge::judge_picture(const CutPart& part, const CutSample& sample, PictureIndex n) {
  auto header = parse_sample_header(*sample.bytes, *part.tools->video);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->idr, sample.sync);
  EXPECT_TRUE(header->idr || !cutting_.starts_segment(n)) << "segment without IDR at " << n;
  const bool anew = rungs_.find(part.track) == rungs_.end();
  Rung& rung = rungs_[part.track];
  const auto origin = origins.find(sample.bytes.get());
  // A live IDR at a later index is the rung's last IDR once more: a fill.
  const bool live = origin != origins.end() && origin->second.index == n;
  EXPECT_TRUE(live || origin == origins.end() || header->idr) << "a live P picture at another index than " << n;
  if (anew) {
    EXPECT_TRUE(header->idr) << "decoding begins without an IDR";
  } else if (header->idr) {
    EXPECT_FALSE(rung.last.idr && rung.last.idr_pic_id == header->idr_pic_id) << "equal idr_pic_id in a row at " << n;
  } else {
    EXPECT_EQ(header->frame_num, (rung.last.frame_num + 1) % 16) << "frame_num at " << n;
    if (live) {
      ASSERT_TRUE(rung.live) << "a live P picture behind a fill at " << n;
      EXPECT_EQ(rung.live->run, origin->second.run) << "a P picture of another run at " << n;
      EXPECT_EQ(rung.live->index, n - 1) << "a P picture without its predecessor at " << n;
    }
  }
  rung.last = *header;
  rung.live = live ? std::optional(origin->second) : std::nullopt;
  seen[{part.track, n}] = {live, header->idr, now, part.state.slate};
}

void Judge::part(const CutPart& part) {
  const bool video = part.tools->video.has_value();
  if (part.discontinuity_before && video) rungs_.erase(part.track);
  judge_order(part);
  const std::int64_t unit = video ? cutting_.grid().ticks_per_picture() : kSamplesPerSoundFrame;
  bool filled = false;
  for (const CutSample& sample : part.samples) {
    const auto origin = origins.find(sample.bytes.get());
    const std::int64_t index = sample.dts / unit;
    if (video) {
      judge_picture(part, sample, index);
    } else {
      const bool live = origin != origins.end();
      EXPECT_TRUE(live ? origin->second.index == index : *sample.bytes == kSilence) << "wrong sound at " << index;
      seen[{part.track, index}] = {live, true, now, std::nullopt};
    }
    filled = filled || !seen[{part.track, index}].live;
    keep.push_back(sample.bytes);
  }
  EXPECT_EQ(!part.filled.empty(), filled);
  EXPECT_EQ(part.independent, part.samples.front().sync);
  parts.push_back(part);
}

// --- the room ------------------------------------------------------------------------------------------------------

Room::Room(int fps)
    : grid(*Grid::of(fps)), cutting(Cutting::of(grid, 1920ms, 320ms)), judge(cutting),
      timeline(std::make_unique<Timeline>(cutting, std::vector{TrackKind::kVideo, TrackKind::kVideo, TrackKind::kSound},
                                          judge)) {
  judge.on_ask = [this](std::uint32_t request) { requests_.push_back(request); };
}

std::vector<TrackToolsPtr> Room::tools() const {
  std::vector<TrackToolsPtr> made;
  for (const auto& track : {video_track("high", sps), video_track("low", sps), sound_track("original")})
    made.push_back(*make_track_tools(track, "deu"));
  return made;
}

void Room::connect() {
  ++run;
  up_ = true;
  next_picture_ = grid.next_meeting(grid.picture_at(now) + 1);
  next_sound_ = grid.sound_at_or_after(next_picture_);
  idr_wanted_ = true;
  timeline->link_opened(run, tools(), now);
}

void Room::send_slates() {
  for (std::size_t track = 0; track < 2; ++track)
    for (int kind = 0; kind < packet_link::kSlateKinds; ++kind)
      timeline->slate(track, static_cast<SlateKind>(kind),
                      make_sample({true, true, 0, 7, 0, 0, 0}, 0xAB000000U + static_cast<unsigned>(kind)));
}

void Room::kill() {
  up_ = false;
  pending_.clear();
  requests_.clear();
  timeline->link_closed();
}

void Room::encode_picture(PictureIndex n) {
  SliceHeader header;
  header.reference = true;
  header.idr = idr_wanted_ || cutting.starts_segment(n);
  header.frame_num = header.idr ? 0 : (last_.frame_num + 1) % 16;
  if (header.idr) header.idr_pic_id = idr_id_ ^= 1U;
  idr_wanted_ = false;
  last_ = header;
  for (std::size_t track = 0; track < 2; ++track)
    pending_.push_back(
        {grid.time_of(n) + latency, track, run, n,
         make_sample(header, static_cast<std::uint32_t>(n * 64 + static_cast<std::int64_t>(run * 2 + track)))});
}

void Room::produce() {
  if (!up_ || now < stalled_until_) return;
  for (const std::uint32_t request : std::exchange(requests_, {})) {
    idr_wanted_ = true;
    timeline->idr_answer(request, next_picture_);
  }
  for (; grid.time_of(next_picture_) <= now; ++next_picture_)
    encode_picture(next_picture_);
  for (; time_of_sample((next_sound_ + 1) * kSamplesPerSoundFrame) <= now; ++next_sound_)
    pending_.push_back(
        {time_of_sample((next_sound_ + 1) * kSamplesPerSoundFrame) + latency, 2, run, next_sound_,
         share(Bytes{1, static_cast<std::uint8_t>(next_sound_), static_cast<std::uint8_t>(next_sound_ >> 8)})});
}

void Room::deliver() {
  if (now < stalled_until_) return;
  std::deque<Pending> later;
  for (Pending& packet : pending_) {
    if (packet.ready > now) {
      later.push_back(std::move(packet));
      continue;
    }
    judge.origins[packet.bytes.get()] = {packet.run, packet.index};
    judge.keep.push_back(packet.bytes);
    sent_.push_back(packet);
    if (!loses(packet.track, packet.index)) timeline->packet(packet.track, packet.run, packet.index, packet.bytes);
  }
  pending_ = std::move(later);
  while (!sent_.empty() && sent_.front().ready < now - 30s)
    sent_.pop_front();
}

void Room::step() {
  now += 10ms;
  judge.now = now;
  produce();
  deliver();
  (void)timeline->advance(now);
}

void Room::run_for(Nanoseconds span) {
  for (const Nanoseconds end = now + span; now < end;)
    step();
}

ResumePoint Room::resume_point() const {
  ResumePoint point;
  point.show = "s";
  point.tracks.resize(kTracks);
  std::vector<const CutPart*> last(kTracks, nullptr);
  for (const CutPart& part : judge.parts) {
    auto& track = point.tracks[part.track];
    if (part.tools->video)
      for (const CutSample& sample : part.samples)
        if (sample.sync) track.last_idr = sample.bytes;
    track.next = part.first_picture + cutting.pictures_per_part();
    track.tools = part.tools;
    track.state = part.state;
    point.span = part.span;
    point.usual = part.usual;
  }
  return point;
}

void Room::reconnect(Nanoseconds at) {
  now = at;
  judge.now = now;
  timeline->resume_show(resume_point(), now);
  timeline->link_opened(run, tools(), now);
  const auto needed = timeline->next_needed();
  for (const Pending& packet : sent_)
    if (packet.index >= needed[packet.track]) timeline->packet(packet.track, packet.run, packet.index, packet.bytes);
}

void Room::restart_packager(Nanoseconds away) {
  timeline =
      std::make_unique<Timeline>(cutting, std::vector{TrackKind::kVideo, TrackKind::kVideo, TrackKind::kSound}, judge);
  // Transcode goes on; what it sends to nobody it keeps.
  const Nanoseconds back = now + away;
  while (now < back) {
    now += 10ms;
    produce();
    deliver();
  }
  reconnect(back);
}

} // namespace pult::packager::test
