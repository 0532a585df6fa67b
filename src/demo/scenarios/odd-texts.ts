import type { Stage } from "../stage.ts";
import { shop } from "./applications.ts";

/**
 * Texts that strangers write and a terminal must survive: escape sequences, C1 controls, a title change, right-to-left marks, wide and
 * joined characters, a widget library's markup, and a generated statement of 100 kB.
 */
export function oddTexts(stage: Stage): void {
  for (const [application, address, sql] of TEXTS) {
    stage.resident(shop(application, address), async (session) => {
      await session.query(sql);
    });
  }
}

const FOREIGN =
  "SELECT pg_sleep(3600) /* 注文の再計算 — пересчёт заказов — 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 e\u0301 \u200b\u202Eright to left\u202C עברית */";

const HOSTILE =
  "SELECT pg_sleep(3600) /* \x1b[31mred\x1b[0m \x1b]0;another title\x07 \x1b[2J\x1b[H \x9b31m bell\x07 back\b\b\b return\rX " +
  "tab\t vt\x0b del\x7f {red-fg}markup{/red-fg} {bold} {open} */";

const GENERATED = `SELECT pg_sleep(3600) WHERE 1 NOT IN (\n${Array.from({ length: 11_000 }, (_, n) => 100_000 + n).join(", ")}\n)`;

const TEXTS = [
  ["再計算-ジョブ-👩‍👩‍👧‍👦", "127.0.10.1", FOREIGN],
  ["app-\x1b[31mred\x1b[0m", "127.0.10.2", HOSTILE],
  [
    "{red-fg}exporter{/}",
    "127.0.10.3",
    "SELECT pg_sleep(3600) /* line 1\nline 2\r\nline 3\n\n\n      deep\n            deeper */",
  ],
  ["orm-batch", "127.0.10.4", GENERATED],
] as const;
