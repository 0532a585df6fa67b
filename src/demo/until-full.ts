import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** Until not even a superuser gets in: then it is time to be woken. */
export async function untilFull(
  { socketDir, port }: { readonly socketDir: string; readonly port: number },
  say: (sentence: string) => void,
): Promise<void> {
  say("taking every connection slot");
  const deadline = Date.now() + LONGEST_MS;
  while (Date.now() < deadline) {
    const session = new pg.Client({ host: socketDir, port, user: "postgres", database: "postgres" });
    session.on("error", () => {});
    try {
      await session.connect();
      await session.end();
    } catch (error) {
      if ((error as { code?: string }).code === "53300") return;
      throw error;
    }
    await delay(100);
  }
  throw new Error("the demo's server did not get full");
}

const LONGEST_MS = 60_000;
