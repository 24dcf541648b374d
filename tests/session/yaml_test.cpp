// SPDX-License-Identifier: Apache-2.0
// The YAML reader against yaml-cpp: the same trees from curated texts, the sessions of data/ and
// documents that yaml-cpp's own emitter wrote from random trees.
#include "host/session/yaml.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

namespace tutti::yaml {
namespace {

std::string dump(const Document& document, const Node& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "null";
    case NodeKind::scalar:
      return "<" + std::string(node.text) + ">";
    default:
      break;
  }
  const bool map = node.kind == NodeKind::map;
  std::string out = map ? "{" : "[";
  for (const Entry& entry : document.entries(node)) {
    if (map) out += "<" + std::string(entry.key) + ">: ";
    out += dump(document, document.node(entry.value)) + ", ";
  }
  return out + (map ? "}" : "]");
}

std::string dump(const YAML::Node& node) {
  if (node.IsScalar()) return "<" + node.Scalar() + ">";
  if (node.IsNull()) return "null";
  std::string out = node.IsMap() ? "{" : "[";
  if (node.IsMap()) {
    for (const auto& entry : node) {
      out += "<" + entry.first.Scalar() + ">: " + dump(entry.second) + ", ";
    }
  } else {
    for (const auto& item : node) out += dump(item) + ", ";
  }
  return out + (node.IsMap() ? "}" : "]");
}

std::string read(const std::string& text) {
  Document document(text);
  std::vector<YamlProblem> problems;
  if (read_yaml(document, problems)) return dump(document, document.root());
  return "refused: " + problems.back().message;
}

std::string read_by_yaml_cpp(const std::string& text) {
  try {
    return dump(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    return error.what();
  }
}

const char* const kGoodTexts[] = {
    "a: 1\nb: two words\nc:\nd: ~\n",
    "- a\n- - b\n  - c\n-\n  - d\n- e: 1\n  f: 2\n",
    "a:\n- 1\n- 2\nb:\n  - 3\n",
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n",
    "{a: 1, b: [2, 3, ], 'c d': {e: f}, \"g\":h, i}\n",
    "[a, [b, c], {d: e}, 'f', \"g\"]\n",
    "[\n  a,   # comment\n  b\n, c ]\n",
    "a: plain text\n  that goes on\n\n  and on\nb: 1\n",
    "a:\n  plain on\n  the next line\n",
    "a: [plain text\n  that goes on, x]\n",
    "a: 'single ''quoted'' text'\nb: 'over\n  lines\n\n  too'\n",
    "a: \"tab\\tquote\\\" \\u00e9 \\x41 \\\\ \\/\"\nb: \"folded \n   text \\\n   joined\\n\n\n  "
    "end\"\n",
    "a: \"\\U0001F3BB\"\n",
    "a: |\n  literal\n   more\n\n  end\nb: 1\n",
    "a: |-\n  stripped\n\nb: |+\n  kept\n\nc: >\n  folded\n  text\n\n  paragraph\n    indented\n  "
    "back\n",
    "a: >-\n  one\n  two\nb: |2\n   indented by one\n",
    "a: &x {b: 1}\nc: *x\nd: [*x, &y 2, *y]\n",
    "a: &x\n  b: 1\nc: &z\n- 1\nd: *z\n",
    "- &a plain\n- *a\n",
    "a: x#no comment\nb: x # comment\n# whole line\nc: http://x:80/y\n",
    "--- \na: 1\n...\n# end\n",
    "%YAML 1.2\n---\na: 1\n",
    "---\n- a\n",
    "a: 1\r\nb:\r\n  - x\r\n  - y z\r\n",
    "\"quoted key\": 1\n'single': 2\nkey with words: 3\n",
    "a: -1\nb: -x\nc: ?x\nd: :x\n",
    "[-1, :x, a:b, a::b, http://x]\n",
    "{a: , b: }\n",
    "{\"a\":1,\"b\":[true,null,{}],\"c\":\"d\"}\n",
    "a: []\nb: {}\n",
    "a: 'x'   \nb: [1]   # c\n",
    "é: ü\n琴: 三味線\n",
    "a:   \n   - b\n   -   c: 1\n       d: 2\n",
    "null\n",
    "a: 'null'\nb: null\nc: NULL\n",
    "a: b\n\n\n# c\n\nd: e",
    "a:\n  # comment\n  - 1\n  # comment\n\n  - 2\n",
    "a: 1:30.5\nb: [1:30, 0:00]\n",
    "- |\n  x\n- >\n  y\n",
    "x: {a: 1,\n  b: 2}\n",
};

TEST(YamlReader, ReadsWhatYamlCppReads) {
  for (const char* text : kGoodTexts) {
    EXPECT_EQ(read(text), read_by_yaml_cpp(text)) << text;
  }
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(YamlReader, ReadsTheSessionsOfTheProjectAsYamlCppDoes) {
  int count = 0;
  const std::filesystem::path folder = std::filesystem::path(TUTTI_SOURCE_DIR) / "data";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "sessions")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string text = file_text(entry.path());
    EXPECT_EQ(read(text), dump(YAML::Load(text))) << entry.path();
    ++count;
  }
  const std::string presets = file_text(folder / "presets.yaml");
  EXPECT_EQ(read(presets), dump(YAML::Load(presets)));
  EXPECT_GT(count, 0);
}

/// Random trees in random styles, written by yaml-cpp.
class RandomDocument {
 public:
  explicit RandomDocument(unsigned seed) : random_(seed) {}
  std::string text() {
    YAML::Emitter out;
    if (pick(2) == 0) out << YAML::Flow;
    emit(out, 0);
    return std::string(out.c_str()) + "\n";
  }

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  std::string word() {
    static const char* const kWords[] = {
        "a",     "gain_db", "-3",        "true",        "x y",   "it's",  "\"q\"", "#no", "a: b",
        "- c",   "",        "null",      "line\nbreak", " lead", "tail ", "é琴",   "{x}", "[y]",
        "&z",    "*w",      "@at",       "%p",          "!t",    "1:30",  "~",     ", k", "a #b",
        "\ttab", "back\\s", "a\n\n b\n", "?",           ":",     "x:"};
    return kWords[pick(std::size(kWords))];
  }

  void emit(YAML::Emitter& out, int depth) {
    const unsigned kind = depth > 4 ? 0 : pick(4);
    if (kind == 2) {
      out << YAML::BeginSeq;
      for (unsigned i = pick(4); i > 0; --i) emit(out, depth + 1);
      out << YAML::EndSeq;
    } else if (kind == 3) {
      out << YAML::BeginMap;
      const unsigned count = pick(4);
      for (unsigned i = 0; i < count; ++i) {
        out << YAML::Key << ("k" + std::to_string(i)) << YAML::Value;
        emit(out, depth + 1);
      }
      out << YAML::EndMap;
    } else if (pick(8) == 0) {
      out << YAML::Null;
    } else {
      const unsigned style = pick(4);
      if (style == 1) out << YAML::SingleQuoted;
      if (style == 2) out << YAML::DoubleQuoted;
      out << word();
    }
  }

  std::mt19937 random_;
};

TEST(YamlReader, ReadsWhatYamlCppWrites) {
  constexpr unsigned kDocuments = 3000;
  unsigned compared = 0;
  for (unsigned seed = 0; seed < kDocuments; ++seed) {
    const std::string text = RandomDocument(seed).text();
    ASSERT_EQ(read(text), dump(YAML::Load(text))) << "seed " << seed << "\n" << text;
    ++compared;
  }
  EXPECT_EQ(compared, kDocuments);
}

// ---- what is refused, and where -------------------------------------------------------------

struct Refused {
  const char* text;
  const char* message;
  int line, column;
};

const Refused kRefused[] = {
    {"a: [1, 2\n", "this `[` is never closed", 1, 4},
    {"a: {b: 1\n", "this `{` is never closed", 1, 4},
    {"a: [1 2: 3]\n", "a `:` inside a list", 1, 8},
    {"a: [1]]\n", "unexpected text after the value", 1, 7},
    {"a: 'x\n", "this quote is never closed", 1, 4},
    {"a: \"\\q\"\n", "an unknown escape in a quoted text", 1, 5},
    {"a: \"\\u12\"\n", "this escape needs 4 hexadecimal digits", 1, 5},
    {"a: \"\\ud800\"\n", "this escape is no Unicode character", 1, 5},
    {"a: 1\n  b: 2\n",
     "this line is indented deeper than the line above, so it reads as part of "
     "that line's text",
     2, 3},
    {"a:\n    b: 1\n  c: 2\n", "this is indented deeper than the keys above it", 3, 3},
    {"a: 1\n- b\n", "a list item stands among keys", 2, 1},
    {"- a\nb: 1\n", "this does not belong to what stands above it", 2, 1},
    {"a: 1\nb\n", "expected `key: value` here", 2, 1},
    {"a:\n\t- 1\n", "a tab stands where the indentation counts", 2, 1},
    {"? a\n: b\n", "keys with `?` are not supported", 1, 1},
    {"{[a]: b}\n", "a key has to be plain text", 1, 2},
    {"[a]: b\n", "a `:` where the value should be over", 1, 4},
    {": a\n", "a key is missing before `:`", 1, 1},
    {"a: @b\n", "a value can not start with `@`", 1, 4},
    {"a: *b\n", "no anchor named `b` stands before this alias", 1, 4},
    {"a: &b [*b]\n", "no anchor named `b` stands before this alias", 1, 8},
    {"a: !b c\n", "tags are not supported", 1, 4},
    {"a: 1\n---\nb: 2\n", "a session is one document", 2, 1},
    {"a: \x07\n", "a control character (7) in the text", 1, 4},
    {"a: \xff\n", "this is not UTF-8 text", 1, 4},
    {"a: 1\rb: 2\n", "a control character (13) in the text", 1, 5},
};

TEST(YamlReader, RefusesAtTheRightPlace) {
  for (const Refused& refused : kRefused) {
    Document document(refused.text);
    std::vector<YamlProblem> problems;
    EXPECT_FALSE(read_yaml(document, problems)) << refused.text;
    ASSERT_FALSE(problems.empty()) << refused.text;
    EXPECT_EQ(problems.back().message, refused.message) << refused.text;
    const SourceSpan span = document.span(problems.back().begin, problems.back().end);
    EXPECT_EQ(span.line, refused.line) << refused.text;
    EXPECT_EQ(span.column, refused.column) << refused.text;
  }
}

TEST(YamlReader, GivesEveryValueItsPlace) {
  Document document(
      "\xEF\xBB\xBF"
      "é: {b: [1, 'two']}\r\nc: \"d e\" # x\r\nf:\r\n  - g: plain text\r\n");
  std::vector<YamlProblem> problems;
  ASSERT_TRUE(read_yaml(document, problems));
  const auto place = [&](const char* path) {
    const SourceSpan span = document.find(path);
    return std::vector<int>{span.line, span.column, span.length};
  };
  EXPECT_EQ(place("é.b"), (std::vector{1, 8, 10}));
  EXPECT_EQ(place("é.b[1]"), (std::vector{1, 12, 5}));
  EXPECT_EQ(place("c"), (std::vector{2, 4, 5}));
  EXPECT_EQ(place("f[0].g"), (std::vector{4, 8, 10}));
  EXPECT_EQ(place("f[0].nothing.there"), (std::vector{4, 5, 1})) << "the nearest enclosing value";
  EXPECT_EQ(place("f[7]"), place("f"));
}

// ---- hostile texts --------------------------------------------------------------------------

double cpu_seconds_to_read(const std::string& text) {
  const std::clock_t start = std::clock();
  Document document(text);
  std::vector<YamlProblem> problems;
  read_yaml(document, problems);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

std::string repeat(const std::string& piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

// Each of these makes some reader slow, deep or large. Linear reading needs some 10 ms for a
// megabyte; a quadratic one minutes. The bound leaves room for sanitizers and busy machines.
TEST(YamlReader, StaysLinearOnHostileTexts) {
  constexpr int kCount = 1 << 19;
  constexpr double kBoundS = 5;
  const std::string texts[] = {
      std::string(kCount, '['),
      std::string(kCount, '{'),
      repeat("- ", kCount),
      repeat("[a, ", kCount),
      repeat("a: ", kCount),
      repeat("\n", kCount),
      "[" + repeat("a,\n\n\n", kCount / 4) + "]",
      "{" + repeat("\"a\":1,", kCount / 4) + "}",
      "a: " + repeat("x\n  ", kCount / 4),
      "a: \"" + repeat("x\n\n", kCount / 4) + "\"",
      "a: |\n" + repeat("  x\n\n", kCount / 4),
      repeat("# c\n", kCount / 4),
      "a: '" + repeat("''", kCount / 2) + "'",
      repeat("- a\n", kCount / 4),
  };
  for (const std::string& text : texts) {
    EXPECT_LT(cpu_seconds_to_read(text), kBoundS) << text.substr(0, 20);
  }
}

TEST(YamlReader, RefusesAliasBombs) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeat(inner + ", ", 9) +
            inner + " ]\n";
  }
  EXPECT_EQ(read(bomb), "refused: the aliases stand for more than 1000000 values");
}

TEST(YamlReader, ReportsDuplicateKeysAndReadsOn) {
  Document document("a: 1\nb: 2\na: 3\nb: 4\n");
  std::vector<YamlProblem> problems;
  EXPECT_TRUE(read_yaml(document, problems));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].hint, "the first one is on line 1");
  EXPECT_EQ(dump(document, document.root()), "{<a>: <1>, <b>: <2>, }");
}

}  // namespace
}  // namespace tutti::yaml
