#!/usr/bin/env node
// A connection string may carry a password: take it out of the process title before anything else happens.
process.title = "pgtriage";
const { main } = await import("../dist/bundle/cli.js");
await main(process.argv.slice(2));
