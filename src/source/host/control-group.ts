import path from "node:path";
import { contentOf } from "./processes.ts";

/** A control group that counts memory, of version 2 or of version 1. */
export interface ControlGroup {
  readonly directory: string;
  readonly version: 1 | 2;
}

/**
 * The group that a process is in, and those around it, from the inside out, as far as they are mounted here; null when its own one
 * is not, so that nobody tells what limits it. The root of all groups is among them: it has no limit.
 */
export function controlGroups(pid: number, root = "/"): readonly ControlGroup[] | null {
  const groups = (contentOf(path.join(root, `proc/${pid}/cgroup`)) ?? "").split("\n").flatMap((line) => {
    const [, controllers, at] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return controllers === undefined ? [] : [{ controllers: controllers.split(","), at: at! }];
  });
  // Who has both kinds counts memory by one of them, and in version 1 it is named.
  const old = groups.find(({ controllers }) => controllers.includes("memory"));
  const group = old ?? groups.find(({ controllers }) => controllers[0] === "");
  if (group === undefined) return [];
  const version = old === undefined ? 2 : 1;
  for (const mount of mounts(root)) {
    if (mount.version !== version) continue;
    const inside = within(group.at, mount.root);
    if (inside !== null) return upwards(inside).map((at) => ({ directory: path.join(root, mount.point, at), version }));
  }
  return null;
}

/** Null: it has none. "max" is none, and in version 1 neither is a number beyond all memory. */
export function limitBytes({ directory, version }: ControlGroup): number | null {
  const bytes = numberIn(path.join(directory, version === 2 ? "memory.max" : "memory.limit_in_bytes"));
  return bytes !== null && bytes > 0 && bytes < 2 ** 60 ? bytes : null;
}

/** What all of its processes use, page cache among it; null for the root, which is the machine. */
export function usedBytes({ directory, version }: ControlGroup): number | null {
  if (version === 2) return numberIn(path.join(directory, "memory.current"));
  // Only the root of all groups has this file: within a namespace every root is called "/".
  const isRoot = contentOf(path.join(directory, "cgroup.sane_behavior")) !== null;
  return isRoot ? null : numberIn(path.join(directory, "memory.usage_in_bytes"));
}

interface Mount {
  readonly version: 1 | 2;
  readonly root: string;
  readonly point: string;
}

/** Where groups are to be found: a container has a part of them, and who uses both versions has the second one in a place of its own. */
function mounts(root: string): readonly Mount[] {
  return (contentOf(path.join(root, "proc/self/mountinfo")) ?? "").split("\n").flatMap((line): readonly Mount[] => {
    const [place = "", kind = ""] = line.split(" - ");
    const [, , , top, point] = place.split(" ");
    const [type, , options = ""] = kind.split(" ");
    if (top === undefined || point === undefined) return [];
    const at = { root: unescaped(top), point: unescaped(point) };
    if (type === "cgroup2") return [{ version: 2, ...at }];
    return type === "cgroup" && options.split(",").includes("memory") ? [{ version: 1, ...at }] : [];
  });
}

/** Both are told from the root of our namespace, and ".." leads out of it, to names that nobody tells us: null when it lies elsewhere. */
function within(group: string, mounted: string): string | null {
  const top = mounted === "/" ? "" : mounted;
  if (group !== mounted && !group.startsWith(`${top}/`)) return null;
  const inside = group === mounted ? "" : group.slice(top.length);
  return inside.split("/").includes("..") ? null : inside;
}

/** `/a/b`, `/a` and the top. */
function upwards(group: string): readonly string[] {
  const parts = group.split("/").filter((part) => part !== "");
  return [...parts.keys(), parts.length].reverse().map((n) => parts.slice(0, n).join("/"));
}

/** Blanks and the like are written as three octal digits. */
function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function numberIn(file: string): number | null {
  const text = (contentOf(file) ?? "").trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}
