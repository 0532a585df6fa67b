/**
 * Whether somebody who wants a lock in one mode has to wait for somebody who holds it in the other, as the table of PostgreSQL's
 * documentation has it ("Conflicting Lock Modes"). Modes in pg_locks' words. A mode that is not known to us conflicts with all: a holder
 * too many is better than one that is kept back.
 */
export function modesConflict(wanted: string, held: string): boolean {
  const [one, other] = [MODES.indexOf(wanted), MODES.indexOf(held)];
  return one < 0 || other < 0 || CONFLICTS[one]![other] === "x";
}

/** Whether those who want this lock in this mode get it one after the other: else all at once when the holder ends. */
export function oneAtATime(mode: string): boolean {
  return modesConflict(mode, mode);
}

const MODES = [
  ...["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock"],
  ...["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"],
];

const CONFLICTS = [
  // AccessShare RowShare RowExclusive ShareUpdateExclusive | Share ShareRowExclusive Exclusive AccessExclusive
  ".......x",
  "......xx",
  "....xxxx",
  "...xxxxx",
  "..xx.xxx",
  "..xxxxxx",
  ".xxxxxxx",
  "xxxxxxxx",
];
