// Stands for the package of this name in the bundle. yargs measures its help page with it; the package prepares for every emoji
// there is when it is loaded, 20 ms before the first frame, and the help page has none.
export { textWidth as default } from "../src/text/width.ts";
