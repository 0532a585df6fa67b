// The commands that show a dashboard, in one module: the bundle has a file for each module that is imported where it is needed and
// one for each set of them that share something, and every file costs a millisecond before the first frame.
export { dashboard } from "./dashboard.ts";
export { demo } from "./demo.ts";
