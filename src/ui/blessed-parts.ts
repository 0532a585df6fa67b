import type { Widgets } from "blessed";
import { createRequire } from "node:module";

// Parts by their own paths: blessed as a whole also loads its image, video and file widgets, 20 ms before the first frame. And by
// require(): to import them, Node first reads each of these files through for what it may export, 9 ms more.
const load = createRequire(import.meta.url);

export const Program = load("blessed/lib/program.js") as new (options: object) => object;
export const Screen = load("blessed/lib/widgets/screen.js") as new (options: Widgets.IScreenOptions) => Widgets.Screen;
export const Box = load("blessed/lib/widgets/box.js") as new (options: Widgets.BoxOptions) => Widgets.BoxElement;
