// SPDX-License-Identifier: Apache-2.0
// The keys of a session, in the manner of host/dsp/fields.hpp: the parser and the schema read these
// tables, and no key is written anywhere else.
//
// Beside the calls listed there, a visitor of session tables answers
//   required_text(key, std::string&)                a name or path that may not be missing
//   optional_choice(key, std::optional<Enum>&, span of Choice<Enum>)
//   section(key, T&)                                a map with defaults, T has visit_fields
//   time(key, TimeSpec&), optional_time(key, std::optional<TimeSpec>&)
//   auto_or_time(key, bool&, std::optional<TimeSpec>&)
//   names(key, std::vector<std::string>&)           required
//   integer(key, std::uint64_t&)
//   version, layout, pan, inserts, points, file_or_clips, output_source: one key of a kind each.
#pragma once

#include <array>
#include <span>

#include "host/dsp/fields.hpp"
#include "host/session/model.hpp"

namespace tutti {

inline constexpr std::array<Choice<PanLaw>, 4> kPanLaws = {{{"0", PanLaw::zero},
                                                            {"-3", PanLaw::minus_3},
                                                            {"-4.5", PanLaw::minus_4_5},
                                                            {"-6", PanLaw::minus_6}}};
inline constexpr std::array<Choice<SendTap>, 3> kSendTaps = {{{"pre_inserts", SendTap::pre_inserts},
                                                              {"pre_fader", SendTap::pre_fader},
                                                              {"post_fader", SendTap::post_fader}}};
inline constexpr std::array<Choice<SampleFormat>, 6> kSampleFormats = {
    {{"8", SampleFormat::pcm8},
     {"16", SampleFormat::pcm16},
     {"24", SampleFormat::pcm24},
     {"32", SampleFormat::pcm32},
     {"32f", SampleFormat::float32},
     {"64f", SampleFormat::float64}}};
inline constexpr std::array<Choice<bool>, 2> kPolarities = {{{"normal", false}, {"invert", true}}};

inline constexpr NumberRange kLevelRangeDb{-120, 60, true};
inline constexpr NumberRange kPanRange{-1, 1};
inline constexpr NumberRange kPanWidthRange{-1, 2};
inline constexpr NumberRange kMuteRange{0, 1};
inline constexpr NumberRange kShareRange{0, 1};
inline constexpr NumberRange kSampleRateRangeHz{8000, 384000};
inline constexpr NumberRange kFadeRangeMs{0, 3.6e6};
inline constexpr NumberRange kFadeRangeS{0, 3600};

template <class V>
void visit_fields(V& v, PanSpec& s) {
  v.number("position", s.position, kPanRange, Automatable::yes);
  v.optional_number("width", s.width, kPanWidthRange, Automatable::yes);
}

template <class V>
void visit_fields(V& v, FadeSpec& s) {
  v.number("length_ms", s.length_ms, kFadeRangeMs, Automatable::no);
  v.choice("shape", s.shape, std::span(kFadeShapes));
}

template <class V>
void visit_fields(V& v, ClipSpec& s) {
  v.required_text("file", s.file);
  v.time("at", s.at);
  v.time("from", s.from);
  v.optional_time("length", s.length);
  v.number("gain_db", s.gain_db, kLevelRangeDb, Automatable::no);
  v.object("fade_in", s.fade_in);
  v.object("fade_out", s.fade_out);
}

template <class V>
void visit_fields(V& v, SendSpec& s) {
  v.required_text("to", s.to);
  v.number("gain_db", s.gain_db, kLevelRangeDb, Automatable::yes);
  v.choice("tap", s.tap, std::span(kSendTaps));
}

template <class V>
void visit_fields(V& v, AutomationSpec& s) {
  v.required_text("target", s.target);
  v.choice("interpolation", s.interpolation, std::span(kInterpolations));
  v.choice("domain", s.domain, std::span(kAutomationDomains));
  v.points("points", s.points);
}

/// The keys that every processor has beside its own.
template <class V>
void visit_insert_fields(V& v, InsertSpec& s) {
  v.text("name", s.name);
  v.boolean("enabled", s.enabled);
  v.number("mix", s.mix, kShareRange, Automatable::yes);
}

template <class V>
void visit_fields(V& v, StripSpec& s) {
  v.required_text("name", s.name);
  v.number("gain_db", s.gain_db, kLevelRangeDb, Automatable::yes);
  v.pan("pan", s.pan);
  v.boolean("mute", s.mute);
  v.boolean("solo", s.solo);
  v.choice("polarity", s.invert_polarity, std::span(kPolarities));
  v.text("output", s.output);
  v.inserts("inserts", s.inserts);
  v.list("sends", s.sends);
  v.list("automation", s.automation);
}

template <class V>
void visit_fields(V& v, StemSpec& s) {
  v.file_or_clips("file", "clips", s.clips);
  visit_fields(v, static_cast<StripSpec&>(s));
}

template <class V>
void visit_fields(V& v, BusSpec& s) {
  visit_fields(v, static_cast<StripSpec&>(s));
}

template <class V>
void visit_fields(V& v, GroupSpec& s) {
  v.required_text("name", s.name);
  v.names("members", s.members);
  v.number("gain_db", s.gain_db, kLevelRangeDb, Automatable::yes);
  v.boolean("mute", s.mute);
  v.list("automation", s.automation);
}

template <class V>
void visit_fields(V& v, LoudnessTargetSpec& s) {
  v.number("target_lufs", s.target_lufs, {-70, 0}, Automatable::no);
  v.number("tolerance_lu", s.tolerance_lu, {0, 10}, Automatable::no);
  v.choice("mode", s.mode, std::span(kLoudnessModes));
  v.boolean("only_if_louder", s.only_if_louder);
  v.optional_number("plr_min_db", s.plr_min_db, {0, 60}, Automatable::no);
}

template <class V>
void visit_fields(V& v, TrimSpec& s) {
  v.auto_or_time("start", s.auto_start, s.start);
  v.auto_or_time("end", s.auto_end, s.end);
}

template <class V>
void visit_fields(V& v, MasterFadeSpec& s) {
  v.number("length_s", s.length_s, kFadeRangeS, Automatable::no);
  v.choice("shape", s.shape, std::span(kFadeShapes));
}

template <class V>
void visit_fields(V& v, MasterSpec& s) {
  v.number("gain_db", s.gain_db, kLevelRangeDb, Automatable::yes);
  v.inserts("inserts", s.inserts);
  v.object("loudness", s.loudness);
  v.object("limiter", s.limiter);
  v.section("trim", s.trim);
  v.object("fade_in", s.fade_in);
  v.object("fade_out", s.fade_out);
  v.list("automation", s.automation);
}

template <class V>
void visit_fields(V& v, OutputSpec& s) {
  v.required_text("file", s.file);
  v.output_source("source", s);
  v.optional_choice("bit_depth", s.bit_depth, std::span(kSampleFormats));
  v.optional_number("sample_rate_hz", s.sample_rate_hz, kSampleRateRangeHz, Automatable::no);
  v.optional_choice("dither", s.dither, std::span(kDitherKinds));
  v.integer("seed", s.seed);
  v.text("preset", s.preset);
}

template <class V>
void visit_fields(V& v, TailSpec& s) {
  v.number("until_db", s.until_db, {-200, 0}, Automatable::no);
  v.number("max_s", s.max_s, {0, 3600}, Automatable::no);
}

template <class V>
void visit_fields(V& v, Session& s) {
  v.version("tutti", s.version);
  v.text("title", s.title);
  v.number("sample_rate_hz", s.sample_rate_hz, kSampleRateRangeHz, Automatable::no);
  v.layout("layout", s.layout);
  v.choice("pan_law_db", s.pan_law, std::span(kPanLaws));
  v.optional_time("start", s.start);
  v.optional_time("end", s.end);
  v.section("tail", s.tail);
  v.list("stems", s.stems);
  v.list("buses", s.buses);
  v.list("groups", s.groups);
  v.section("master", s.master);
  v.list("outputs", s.outputs);
}

}  // namespace tutti
