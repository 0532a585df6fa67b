import { main } from "../src/cli.ts";

// The program from its sources, without a build: npm run dev -- demo
await main(process.argv.slice(2));
