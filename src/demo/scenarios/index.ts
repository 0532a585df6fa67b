import type { Stage } from "../stage.ts";
import { abandonedTransactions } from "./abandoned-transactions.ts";
import { applications, metabase } from "./applications.ts";
import { leak } from "./leak.ts";
import { lockout } from "./lockout.ts";
import { lockQueue } from "./lock-queue.ts";
import { oddTexts } from "./odd-texts.ts";
import { oversizedPools } from "./oversized-pools.ts";
import { parallelReport } from "./parallel-report.ts";
import { reconnectStorm } from "./reconnect-storm.ts";
import { slowQuery } from "./slow-query.ts";
import { vacuumHeldBack } from "./vacuum-held-back.ts";

export interface Scenario {
  /** One sentence, for --help. */
  readonly description: string;
  /** The dashboard comes when nobody is let in any more. */
  readonly comesLate?: true;
  /** Sets it going and returns; it goes on until the process ends. */
  play(stage: Stage): void;
}

/** App slots: 94. The sums below count sessions at the start. */
export const SCENARIOS = {
  mixed: {
    description: "an import holds a lock and 36 sessions wait for it, while a leak takes the last slots",
    // 20 applications, 8 + 1 metabase, 37 locks, 2 abandoned, 4 odd: 72, and the leak takes the rest within a minute or two.
    play(stage) {
      applications(stage, { webConnections: (host) => 1 + (host % 2) });
      metabase(stage, 8);
      parallelReport(stage);
      lockQueue(stage);
      abandonedTransactions(stage);
      oddTexts(stage);
      leak(stage, { perMinute: 25 });
    },
  },
  lockout: {
    description: "every connection slot is taken before you come, the superusers' too: in by the walsender lane",
    comesLate: true,
    play(stage) {
      applications(stage, { webConnections: () => 4 });
      metabase(stage, 4);
      lockout(stage);
    },
  },
  calm: {
    description: "a shop on a good day: pools mostly idle, small transactions, nothing wrong",
    play(stage) {
      applications(stage, { webConnections: () => 4 });
      metabase(stage, 4);
    },
  },
  leak: {
    description: "a worker opens a connection a second and closes none, until the shop is refused",
    play(stage) {
      applications(stage, { webConnections: () => 4 });
      metabase(stage, 4);
      leak(stage, { perMinute: 60 });
    },
  },
  locks: {
    description:
      "one open transaction, a chain of five behind it and thirty sessions behind a migration; slots are free",
    play(stage) {
      applications(stage, { webConnections: () => 1 });
      lockQueue(stage);
    },
  },
  storm: {
    description: "every twenty seconds a fleet without a pooler connects all at once, up to the limit",
    play(stage) {
      applications(stage, { webConnections: () => 3 });
      metabase(stage, 4);
      reconnectStorm(stage);
    },
  },
  pools: {
    description: "eight servers keep eight connections each, and two or three are ever at work",
    play(stage) {
      applications(stage, { webConnections: () => 1 });
      metabase(stage, 2);
      oversizedPools(stage);
    },
  },
  slow: {
    description: "one query has become slow: visitors pile up behind it, and no lock has to do with it",
    play(stage) {
      applications(stage, { webConnections: () => 2 });
      metabase(stage, 4);
      slowQuery(stage);
    },
  },
  vacuum: {
    description: "tables grow: an export's snapshot, a forgotten PREPARE and an abandoned slot hold VACUUM back",
    play(stage) {
      applications(stage, { webConnections: () => 2 });
      metabase(stage, 4);
      vacuumHeldBack(stage);
    },
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
