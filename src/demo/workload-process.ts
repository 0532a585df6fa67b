// Run by `fork`: plays a scenario on a server until whoever started it is gone.
import { createShop } from "./shop.ts";
import type { ScenarioName } from "./scenarios/index.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { openStage } from "./stage.ts";

process.once("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0); // it went while we were being loaded

const [scenario, socketDir, port] = process.argv.slice(2) as [ScenarioName, string, string];
const stage = await openStage({ socketDir, port: Number(port) });
await createShop(stage);
SCENARIOS[scenario].play(stage);
