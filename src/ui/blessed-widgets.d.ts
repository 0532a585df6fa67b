// Parts by their own paths: blessed as a whole also loads its image, video and file widgets, 20 ms before the first frame.
declare module "blessed/lib/widgets/screen.js" {
  import type { Widgets } from "blessed";
  const Screen: new (options: Widgets.IScreenOptions) => Widgets.Screen;
  export default Screen;
}

declare module "blessed/lib/widgets/box.js" {
  import type { Widgets } from "blessed";
  const Box: new (options: Widgets.BoxOptions) => Widgets.BoxElement;
  export default Box;
}

declare module "blessed/lib/program.js" {
  const Program: new (options: object) => object;
  export default Program;
}
