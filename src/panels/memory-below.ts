import type { WhatIfField } from "../analysis/outlook.ts";
import { poolWords } from "../analysis/pool-words.ts";
import type { WhatIfStep } from "../analysis/what-if-steps.ts";
import type { WhatIfAnswer } from "../analysis/what-if.ts";
import type { MemoryPart, MemoryRow } from "../state/memory-rows.ts";
import { isAsking } from "../state/what-if.ts";
import type { Override, Setting } from "../model/tuning.ts";
import { bytes } from "../text/bytes.ts";
import { ownSettingWords } from "../advice/own-setting-words.ts";
import { short } from "../advice/words.ts";
import type { Line } from "./line.ts";
import { INPUT_NAMES, type MemoryShown } from "./memory.ts";
import { howWords, ownSettingsOf, ownSettingsOfInput } from "./memory-how.ts";
import { measuredWords, NO_SETTINGS, privateBytes, restingRange, sumWords } from "./memory-words.ts";
import { filled } from "./spread.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";

/**
 * About the selected row: what the number is, what it rests on and what it does not say; of what can be changed, what to do in
 * which order.
 */
export function memoryBelow(row: MemoryRow | null, shown: MemoryShown, width: number, height: number): Line[] {
  if (row === null) return [];
  const said = row.kind === "input" ? aboutInput(row.field, shown) : aboutPart(row.part, shown);
  return filled(sentenceLines(said, width, height), height);
}

function aboutInput(field: WhatIfField, shown: MemoryShown): Sentence[] {
  const { answer, wish, concurrency, sample } = shown;
  const ours = setForUs(ownSettingsOfInput(field, shown.known), shown);
  if (answer === null) return [plain(NO_SETTINGS)];
  if (!isAsking(wish)) {
    const isOfPools = field === "connections" || field === "poolSize";
    return [
      title(`${INPUT_NAMES[field]}: ${howWords({ kind: "input", field }, shown)}.`),
      ...ours,
      plain(INPUT_WORDS[field]),
      ...(isOfPools ? [plain(`Pool: ${poolWords(concurrency, sample.server)}.`)] : []),
    ];
  }
  const refused = answer.refused.map((one) => bad(`${INPUT_NAMES[one.field]}: refused, ${one.why}.`));
  return [...refused, ...ours, ...stepsSentences(field, answer), ...slotsSentences(answer)];
}

/** All of them in their order; where there are several, what concerns the selected row is not the one that finds no room. */
function stepsSentences(field: WhatIfField, { steps, refused }: WhatIfAnswer): Sentence[] {
  const sound = steps.filter((step) => refused.every((one) => one.field !== step.field));
  const mine = sound.findIndex((step) => step.field === field);
  if (mine <= 0) return sound.flatMap(stepSentences);
  const order = sound.map((step, i) => `${i + 1}. ${INPUT_NAMES[step.field]}`).join(", ");
  const others = sound.flatMap((step, i) => (i === mine ? [] : stepSentences(step, i)));
  return [title(`In this order: ${order}.`), ...stepSentences(sound[mine]!, mine), ...others];
}

function stepSentences({ text, statements, takes, waits }: WhatIfStep, index: number): Sentence[] {
  const pending = waits ? "; one is pending already, as the configuration files say something else" : "";
  const effect = takes === null ? "" : `; takes a ${takes}${pending}`;
  return [
    plain(`${index + 1}. ${text}${effect}.`),
    ...statements.map((sql) => ({ tone: "ok", text: `   ${sql}` }) as const),
  ];
}

/** What becomes of the slots. */
function slotsSentences({ now, wished }: WhatIfAnswer): Sentence[] {
  return [
    plain(
      `Slots: ${now.used} of ${now.app} used (${now.level}), then ${wished.used} of ${wished.app} (${wished.level}).`,
    ),
  ];
}

const INPUT_WORDS: Readonly<Record<WhatIfField, string>> = {
  connections:
    "Each connection is a process with memory of its own, and may sort with work_mem. A restart ends all sessions; nothing is changed from here.",
  workMemBytes:
    "What one sort may take before it goes to disk; a query has several, each of its parallel workers has them once more, and a hash may take hash_mem_multiplier times as much. Roles may have their own.",
  parallelWorkers:
    "Workers that all queries together may have at a time. Each takes what its leader takes. Fewer of them save memory and processors; queries then run with the workers there are.",
  poolSize:
    "PgBouncer with pool_mode = transaction gives a session to a client for the time of a transaction: many clients come along with few processes here.",
};

function aboutPart(part: MemoryPart, shown: MemoryShown): Sentence[] {
  const how = title(
    `${shown.answer === null ? "" : `${AS_A_SENTENCE[part]}: `}${howWords({ kind: "part", part }, shown)}.`,
  );
  const ours = setForUs(ownSettingsOf(part, shown.known), shown);
  return [how, ...ours, ...PART_WORDS[part].map(plain), ...more(part, shown)];
}

/** Where a number takes for everybody's what is ours alone, that is said before what it means. */
function setForUs(ours: readonly Setting[], { sample }: MemoryShown): Sentence[] {
  return ours.length === 0 ? [] : [{ tone: "old", text: `${ownSettingWords(ours, sample.server)}.` }];
}

const AS_A_SENTENCE: Readonly<Record<MemoryPart, string>> = {
  shared: "Shared memory",
  sessions: "What sessions have before they sort anything",
  others: "The server's other processes, our own session among them",
  work: "Sorts and hashes of all sessions at once",
  parallel: "Parallel workers and what they sort",
  maintenance: "Autovacuum, and one command by hand",
  worst: "The worst case",
  pooled: "Through a pool",
  now: "At risk now",
  temporary: "Temporary tables",
  seed: "work_mem × operations × processes of a query × connections",
  machine: "Memory that there is",
};

const PART_WORDS: Readonly<Record<MemoryPart, readonly string[]>> = {
  shared: [
    "What the server reports; before 15 it does not, and it is reckoned by shared_buffers and max_connections. One piece for all processes, taken at the start, however many sessions there are. A change of shared_buffers takes a restart.",
  ],
  sessions: [
    `One that has just begun has 1 to 2 MB; catalogs and plans it has seen stay with it, after 1,500 tables it has 11 to 13 MB. Where it is not measured, ${restingRange()} are taken for it, and the upper one for slots that are free.`,
    "Measured is Pss_Anon and page tables. RSS misleads: it counts shared_buffers once more for each process that has read them. Of a session at work, what is beyond 10 MB counts as its sorts.",
  ],
  others: [
    "Checkpointer, writers, launchers, walsenders, workers of extensions. Where they are not measured, each with as much as a session at rest.",
  ],
  work: [
    "Nobody can see how many sorts and hashes a query has: 2 are assumed, both at the same time, both hashes. What a session sets for itself cannot be seen either, and before 13 a hash aggregate may outgrow its part. Those that are not here yet are as those that are, on average, and have no less than is set for everybody.",
  ],
  parallel: [
    "There are max_parallel_workers for all sessions together, not for each: at the worst they work for those with the most work_mem.",
  ],
  maintenance: [
    "autovacuum_work_mem, or maintenance_work_mem where that is -1, for each worker; and one CREATE INDEX or VACUUM by hand, whose parallel workers share its maintenance_work_mem.",
  ],
  worst: [
    "Every slot in use, and all sessions at work at the same moment, each with two hashes: it seldom comes to that, and it is no ceiling either. Extensions and plan caches may take more.",
  ],
  pooled: [
    "Where all clients come through a pooler, no more sessions than its pool are at work, whatever max_connections says.",
  ],
  now: [
    "What the sessions that are here could take without a single one more: settings of their roles and databases count.",
  ],
  temporary: [
    "A session takes temp_buffers bit by bit as it uses temporary tables, and keeps it to its end; most use none, so it is in no sum. What is measured has it already.",
  ],
  seed: [
    "It gives each connection parallel workers of its own. There are no more than max_parallel_workers for all of them, so that it says far too much where there are many connections; and it knows nothing of hashes, sessions at rest and shared memory.",
  ],
  machine: [
    "When memory is gone the kernel kills a process, and that ends all sessions: leave a part for it, and for the page cache.",
  ],
};

/** What only a sample tells. */
function more(part: MemoryPart, { known, sample, answer }: MemoryShown): Sentence[] {
  const { sessions, overrides } = known;
  switch (part) {
    case "sessions":
      return [plain(`Now ${privateBytes(sessions)}: ${measuredWords(sessions, sample)}.`)];
    case "machine":
      return sample.usage?.groupBytes == null
        ? []
        : [plain(`Its control group uses ${bytes(sample.usage.groupBytes)} now, page cache among it.`)];
    case "worst":
      return answer === null ? [] : [plain(`${sumWords(answer.wished.memory.full)}.`), ...ownSentences(overrides)];
    case "pooled":
      return answer?.wished.pooled == null ? [] : [plain(`${sumWords(answer.wished.pooled)}.`)];
    case "now":
      return known.now === null ? [] : [plain(`${sumWords(known.now)}.`), ...ownSentences(overrides)];
    case "work":
    case "parallel":
      return ownSentences(overrides);
    default:
      return [];
  }
}

function ownSentences(overrides: readonly Override[]): Sentence[] {
  if (overrides.length === 0) return [];
  const own = overrides.slice(0, MOST_OVERRIDES).map(overrideWords).join(", ");
  const rest = overrides.length - MOST_OVERRIDES;
  return [{ tone: "old", text: `Of their own have: ${own}${rest > 0 ? ` and ${rest} more` : ""}.` }];
}

const MOST_OVERRIDES = 6;

/** "role report work_mem 64MB", "role app in shop work_mem 1MB". */
function overrideWords({ role, database, name, value }: Override): string {
  const who =
    role === null
      ? `database ${short(database ?? "?")}`
      : `role ${short(role)}${database === null ? "" : ` in ${short(database)}`}`;
  return `${who} ${name} ${short(value, 12)}`;
}

function plain(text: string): Sentence {
  return { tone: "normal", text };
}

function title(text: string): Sentence {
  return { tone: "title", text };
}

function bad(text: string): Sentence {
  return { tone: "very-old", text };
}
