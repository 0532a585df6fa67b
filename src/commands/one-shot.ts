// The commands that print one reading and end, in one module, for the same reason as in interactive.ts.
export { check } from "./check.ts";
export { snapshot } from "./snapshot.ts";
export { unknown } from "../report/check.ts";
