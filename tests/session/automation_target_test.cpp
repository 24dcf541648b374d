// SPDX-License-Identifier: Apache-2.0
#include "host/session/automation_target.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

using Kind = AutomationTarget::Kind;

StripSpec strip() {
  EqSpec eq;
  eq.bands.resize(3);
  CompressorSpec compressor;
  compressor.sidechain = SidechainSpec{"Kick", 100.0};
  StripSpec out;
  out.inserts = {InsertSpec{"tone", true, 1, eq}, InsertSpec{"", true, 1, compressor},
                 InsertSpec{"", true, 1, LimiterSpec{}}};
  out.sends = {{"Hall", 0, SendTap::post_fader}, {"Room.2", 0, SendTap::post_fader}};
  return out;
}

std::string problem(const char* target) {
  const StripSpec owner = strip();
  const auto resolved = resolve_automation_target(target, automation_scope(owner));
  const auto* found = std::get_if<TargetProblem>(&resolved);
  return found != nullptr ? found->message : "resolved";
}

AutomationTarget resolved(const char* target) {
  const StripSpec owner = strip();
  auto result = resolve_automation_target(target, automation_scope(owner));
  if (const auto* wrong = std::get_if<TargetProblem>(&result)) ADD_FAILURE() << wrong->message;
  return std::get<AutomationTarget>(result);
}

TEST(AutomationTarget, NamesPartsOfTheStrip) {
  EXPECT_EQ(resolved("gain_db").kind, Kind::fader);
  EXPECT_TRUE(resolved("gain_db").is_level);
  EXPECT_TRUE(resolved("gain_db").range.minus_infinity);
  EXPECT_EQ(resolved("pan").kind, Kind::pan);
  EXPECT_EQ(resolved("pan.width").kind, Kind::pan_width);
  EXPECT_EQ(resolved("mute").kind, Kind::mute);
}

TEST(AutomationTarget, NamesSendsByTheirBus) {
  EXPECT_EQ(resolved("sends.Hall.gain_db").index, 0u);
  EXPECT_EQ(resolved("sends.Room.2.gain_db").index, 1u) << "a name may have a dot";
  EXPECT_EQ(problem("sends.Rom.gain_db"), "there is no send to `Rom` here");
}

TEST(AutomationTarget, NamesInsertsByNameOrNumber) {
  const AutomationTarget by_name = resolved("inserts.tone.bands.2.gain_db");
  EXPECT_EQ(by_name.kind, Kind::insert_field);
  EXPECT_EQ(by_name.index, 0u);
  EXPECT_EQ(by_name.field, "bands.2.gain_db");
  EXPECT_EQ(by_name.range.maximum, 60);
  EXPECT_TRUE(by_name.is_level);
  EXPECT_EQ(resolved("inserts.1.ratio").index, 1u);
  EXPECT_FALSE(resolved("inserts.1.ratio").is_level);
  EXPECT_TRUE(resolved("inserts.1.ratio").range.plus_infinity);
  EXPECT_EQ(resolved("inserts.1.mix").range.maximum, 1);
  EXPECT_FALSE(resolved("inserts.1.mix").is_level);
  EXPECT_TRUE(resolved("inserts.2.input_gain_db").is_level);
}

TEST(AutomationTarget, RefusesWhatCanNotMove) {
  EXPECT_EQ(problem("inserts.1.lookahead_ms"),
            "`lookahead_ms` of `compressor` can not be automated");
  EXPECT_EQ(problem("inserts.2.release_ms"), "`release_ms` of `limiter` can not be automated");
  EXPECT_EQ(problem("inserts.1.enabled"), "`enabled` of `compressor` can not be automated");
  EXPECT_EQ(problem("inserts.1.detector"), "`compressor` has no number `detector`");
  EXPECT_EQ(problem("inserts.tone.bands.3.q"), "`eq` has no number `bands.3.q`");
  for (const char* target :
       {"", ".", "gain", "inserts", "inserts.", "inserts.tone", "inserts.tone.", "inserts..q",
        "inserts.tone.bands", "inserts.tone.bands.", "inserts.tone.bands.0",
        "inserts.tone.bands.0.", "inserts.-1.ratio", "inserts.tone.bands.99999999999999999999.q",
        "sends.", "sends.gain_db", "sends.Hall", "inserts.1.ratio.x", "inserts.1.sidechain"}) {
    EXPECT_NE(problem(target), "resolved") << target;
  }
}

TEST(AutomationTarget, OffersGroupsAndTheMasterWhatTheyHave) {
  const GroupSpec group;
  MasterSpec master;
  master.inserts = strip().inserts;
  const auto is_target = [](const char* target, const AutomationScope& scope) {
    return std::holds_alternative<AutomationTarget>(resolve_automation_target(target, scope));
  };
  EXPECT_TRUE(is_target("mute", automation_scope(group)));
  EXPECT_FALSE(is_target("pan", automation_scope(group)));
  EXPECT_TRUE(is_target("inserts.tone.bands.0.q", automation_scope(master)));
  EXPECT_FALSE(is_target("mute", automation_scope(master)));
  EXPECT_FALSE(is_target("sends.Hall.gain_db", automation_scope(master)));
}

TEST(InsertField, WritesIntoTheSpec) {
  ProcessorSpec eq = strip().inserts[0].processor;
  double* gain = insert_field(eq, "bands.1.gain_db");
  ASSERT_NE(gain, nullptr);
  *gain = 4;
  EXPECT_EQ(std::get<EqSpec>(eq).bands[1].gain_db, 4);
  EXPECT_FALSE(std::get<EqSpec>(eq).bands[1].q);
  *insert_field(eq, "bands.1.q") = 2;
  EXPECT_EQ(std::get<EqSpec>(eq).bands[1].q, 2) << "a number that was left out is given";
  EXPECT_FALSE(std::get<EqSpec>(eq).bands[0].q);

  ProcessorSpec compressor = strip().inserts[1].processor;
  *insert_field(compressor, "sidechain.high_pass_hz") = 50;
  EXPECT_EQ(std::get<CompressorSpec>(compressor).sidechain->high_pass_hz, 50);
  EXPECT_EQ(insert_field(compressor, "detector"), nullptr);
  EXPECT_EQ(insert_field(compressor, "bands.0.q"), nullptr);
}

TEST(InsertField, KnowsWhatIsAutomatable) {
  const ProcessorSpec compressor = strip().inserts[1].processor;
  EXPECT_TRUE(is_automatable(compressor, "threshold_db"));
  EXPECT_FALSE(is_automatable(compressor, "lookahead_ms"));
  EXPECT_FALSE(is_automatable(compressor, "sidechain.high_pass_hz"));
  EXPECT_FALSE(is_automatable(compressor, "nothing"));
  for (const std::string& field : automatable_fields(compressor)) {
    EXPECT_TRUE(is_automatable(compressor, field)) << field;
  }
  EXPECT_EQ(automatable_fields(strip().inserts[0].processor).size(), 9u) << "3 bands of 3 numbers";
}

}  // namespace
}  // namespace tutti
