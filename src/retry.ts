/** Seconds to wait before the next try to connect, by how many have failed: a server that comes back is seen soon, one that stays away is left alone. */
const RETRY_SECONDS = [0.5, 1, 2, 4, 8, 10];
/** A password does not get right by itself, and who tries it too often is locked out. */
const PASSWORD_SECONDS = [5, 10, 20, 40, 60];

export function retrySeconds(failures: number, wrongPassword: boolean): number {
  const steps = wrongPassword ? PASSWORD_SECONDS : RETRY_SECONDS;
  return steps[Math.min(failures, steps.length) - 1]!;
}

/** Up to a quarter more or less: those who lost the same server must not all come back at the same moment. */
export function jittered(seconds: number, random: () => number = Math.random): number {
  return seconds * (0.75 + random() / 2);
}
