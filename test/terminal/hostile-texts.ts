import * as fc from "fast-check";

// Texts as the worst of strangers would write them, and as the best of them do all over the world.

const ATTACKS = [
  ...[
    "\u001b[2J",
    "\u001b[31;7m",
    "\u001b[?1049l",
    "\u001b[999B",
    "\u001b[5n",
    "\u001bc",
    "\u001b#8",
    "\u001b(0",
    "\u001b",
  ],
  ...[
    "\u001b]0;pwned\u0007",
    "\u001b]2;pwned\u001b\\",
    "\u001b]52;c;cHduZWQ=\u0007",
    "\u001b]8;;http://x\u0007",
    "\u001bP$q\u001b\\",
  ],
  ...["\u009b2J", "\u009d0;pwned\u009c", "\u009d52;c;cHduZWQ=\u009c", "\u0090q\u009c", "\u0085", "\u008d"],
  ...["\u0000", "\u0007", "\b\b\b\b", "\r", "\n", "\t", "\v", "\f", "\u000e", "\u000f", "\u0018", "\u001a", "\u007f"],
  ...["\u202e", "\u202d", "\u2066", "\u2067", "\u2069", "\u200e", "\u200f", "\u061c", "\u2028", "\u2029"],
  ...[
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u034f",
    "\u3164",
    "\u115f",
    "\uffa0",
    "\u180e",
    "\u17b4",
  ],
  ...["{red-fg}", "{bold}", "{/}", "{open}", "{|}", "{center}", "%s%n", "$<5>", "\\033[2J"],
];

const SCRIPTS = [
  ...[
    "データベース",
    "ﾃﾞｰﾀﾊﾞｰｽ",
    "漢字",
    "全角ＡＢＣ",
    "한국어",
    "\u1112\u1161\u11ab",
    "\ud7b0\ud7cb",
    "𠀀𪜀",
    "㌀㍿",
    "㈱",
    "㉈",
    "　",
  ],
  ...[
    "ภาษาไทย",
    "กำลัง",
    "हिन्दी",
    "க்ஷ",
    "မြန်မာ",
    "ខ្មែរ",
    "བོད",
    "שלום",
    "العربية",
    "ﷺ",
    "\u0600123",
    "Ελλάδα",
    "Привет",
    "ǅ",
  ],
  ...[
    "é",
    "e\u0301",
    "Z\u0351\u036b\u0343\u0300",
    "a\u20dd",
    "\u0301",
    "☎",
    "☎\ufe0f",
    "☎\ufe0e",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
  ],
  ...[
    "👍",
    "👍🏽",
    "👨\u200d👩\u200d👧\u200d👦",
    "🇩🇪",
    "🏴\u{e0067}\u{e0062}\u{e007f}",
    "⌚",
    "⚡",
    "✅",
    "🀄",
    "㊗",
    "\u{1f9d1}\u{1f3ff}",
  ],
  ...[
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\u0378",
    "\u{e0001}",
    "\u{10ffff}",
    "\ue000",
    "\u{f0000}",
    "\ud83d",
    "\ude00",
    "\u{17000}",
    "䷀",
    "☰",
  ],
  ...["█▓░", "─│┌┐", "▲▼", "…", "※", "①", "〈〉", "〈〉", "⎈", "ﬁ", "㋿", "\u{1d573}", "\u2800"],
];

const SQL = ["SELECT ", "FROM orders ", "WHERE id = 42 ", "-- ", "'", '"', " ", "    ", "a", "web-", "0123456789"];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ATTACKS) },
  { weight: 4, arbitrary: fc.constantFrom(...SCRIPTS) },
  { weight: 3, arbitrary: fc.constantFrom(...SQL) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
  { weight: 1, arbitrary: fc.integer({ min: 0x10000, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) },
);

/** So many pieces at most, in any order. */
export function hostileText(pieces: number): fc.Arbitrary<string> {
  return fc.array(piece, { maxLength: pieces, size: "max" }).map((all) => all.join(""));
}
