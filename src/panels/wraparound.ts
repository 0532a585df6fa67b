import type { DatabaseAge } from "../model/horizon.ts";
import type { Sample } from "../model/reading.ts";
import { count } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { toned, type Span, type Tone } from "./line.ts";
import { spansWidth } from "./spread.ts";

/** How far the database that is nearest to it is from wraparound, in as many words as there are cells for. */
export function wraparoundSpans(sample: Sample, cells: number): Span[] {
  const worst = nearest(sample);
  if (worst === null) return [];
  const { name, unit, age, freezeAt } = worst;
  const numbers = `${count(age)} of ${count(freezeAt)} ${unit}`;
  const percent = `${Math.floor((age / WRAPAROUND) * 100)}% to wraparound`;
  const wordings = [
    `oldest database ${name}: ${numbers} until autovacuum must freeze, ${percent}`,
    `oldest database ${name}: ${numbers}, ${percent}`,
    `${name} ${numbers} old`,
    `${name} ${count(age)}/${count(freezeAt)}`,
  ];
  const said = wordings.map((text) => [toned(toneOf(age, freezeAt), text)]).find((one) => spansWidth(one) <= cells);
  return said ?? [];
}

interface Nearest {
  readonly name: string;
  readonly unit: "xids" | "multixacts";
  readonly age: number;
  /** From here on autovacuum freezes whatever else it is told. */
  readonly freezeAt: number;
}

/** By transaction ids or by multixacts, whichever is nearer to the age at which autovacuum must freeze. */
function nearest({ server }: Sample): Nearest | null {
  const { databaseAges, tuning } = server;
  if (tuning === null) return null;
  const candidates = databaseAges.flatMap(({ name, xids, multixacts }: DatabaseAge): Nearest[] => [
    { name: identifier(name), unit: "xids", age: xids, freezeAt: tuning.autovacuumFreezeMaxAge },
    { name: identifier(name), unit: "multixacts", age: multixacts, freezeAt: tuning.autovacuumMultixactFreezeMaxAge },
  ]);
  const share = ({ age, freezeAt }: Nearest): number => age / Math.max(1, freezeAt);
  return candidates.reduce<Nearest | null>(
    (most, one) => (most === null || share(one) > share(most) ? one : most),
    null,
  );
}

/** A little beyond the age for freezing is how it goes; half of all ids used is what nobody should see. */
function toneOf(age: number, freezeAt: number): Tone {
  if (age >= WRAPAROUND / 2) return "critical";
  return age > freezeAt * 1.1 ? "warn" : "muted";
}

/** The server refuses to hand out more a few millions before that. */
const WRAPAROUND = 2 ** 31;
