// For `node --import`: writes down which modules are loaded before the first frame, and when. Plain JavaScript, so that nothing but
// the program itself is loaded.
import { writeFileSync } from "node:fs";
import { Module, register } from "node:module";
import { MessageChannel } from "node:worker_threads";

const loaded = [];
const note = (name, at) => loaded.push({ name, at });
const bare = new Set(process.moduleLoadList);

const HOOKS = `
let port;
export function initialize(data) { port = data.port; }
export async function load(url, context, next) {
  port.postMessage({ name: url, at: performance.timeOrigin + performance.now() });
  return next(url, context);
}`;
const { port1, port2 } = new MessageChannel();
port1.on("message", ({ name, at }) => note(name, at)).unref();
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: { port: port2 }, transferList: [port2] });

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename) {
  note(filename, performance.timeOrigin + performance.now());
  return compile.call(this, content, filename);
};

const write = process.stdout.write;
process.stdout.write = function (chunk, ...rest) {
  if (String(chunk).includes(process.env.BENCH_FIRST_FRAME)) {
    const at = performance.timeOrigin + performance.now();
    const builtin = process.moduleLoadList.filter((name) => !bare.has(name) && name.startsWith("NativeModule "));
    process.stdout.write = write;
    // What the hooks have seen is still on its way from their thread.
    setTimeout(() => {
      const before = loaded.filter((module) => module.at <= at).map(({ name }) => name);
      writeFileSync(process.env.BENCH_LOADED, JSON.stringify({ files: [...new Set(before)], builtin }));
    }, 200);
  }
  return write.call(this, chunk, ...rest);
};
