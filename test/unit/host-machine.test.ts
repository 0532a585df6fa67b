import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { groupBytes, memoryAround } from "../../src/source/host/machine.ts";

const PID = 4711;
const GB = 2 ** 30;
const MACHINE = { machineBytes: 16 * GB, machineIs: "machine" } as const;
const NOT_KNOWN = { machineBytes: null, machineIs: null } as const;
const V1_NO_LIMIT = "9223372036854771712\n";
const MOUNT_V2 = "25 20 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const MOUNT_V1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";

const trees: string[] = [];
afterEach(() => trees.splice(0).forEach((tree) => rmSync(tree, { recursive: true })));

/** A machine of 16 GB whose server is in that group, with these files. */
function machine(group: string, mountinfo: string, files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(path.join(tmpdir(), "pgtriage-machine-"));
  trees.push(root);
  const all = {
    "proc/meminfo": `MemTotal:       ${(16 * GB) / 1024} kB\nMemFree: 1 kB\n`,
    "proc/self/mountinfo": `31 23 0:28 / / rw - ext4 /dev/vda rw\n${mountinfo}`,
    [`proc/${PID}/cgroup`]: group,
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return root;
}

function limited(bytes: number): object {
  return { machineBytes: bytes, machineIs: "control group" };
}

describe("control groups of version 2", () => {
  const service = "0::/system.slice/postgresql.service\n";
  const at = "sys/fs/cgroup/system.slice/postgresql.service";

  test("a limit is what the server has, and what is used of it is what its group uses", () => {
    const root = machine(service, MOUNT_V2, {
      [`${at}/memory.max`]: `${4 * GB}\n`,
      [`${at}/memory.current`]: "12345\n",
    });
    expect(memoryAround(PID, root)).toEqual(limited(4 * GB));
    expect(groupBytes(PID, root)).toBe(12_345);
  });

  test("without a limit, and with one beyond what there is, it has the machine", () => {
    const none = machine(service, MOUNT_V2, { [`${at}/memory.max`]: "max\n", [`${at}/memory.current`]: "12345\n" });
    expect(memoryAround(PID, none)).toEqual(MACHINE);
    expect(groupBytes(PID, none)).toBe(12_345);
    const large = machine(service, MOUNT_V2, { [`${at}/memory.max`]: `${64 * GB}\n` });
    expect(memoryAround(PID, large)).toEqual(MACHINE);
  });

  test("of limits around one another the smallest counts, with what is used of that one", () => {
    const root = machine(service, MOUNT_V2, {
      [`${at}/memory.max`]: `${8 * GB}\n`,
      [`${at}/memory.current`]: "1\n",
      "sys/fs/cgroup/system.slice/memory.max": `${2 * GB}\n`,
      "sys/fs/cgroup/system.slice/memory.current": "2\n",
    });
    expect(memoryAround(PID, root)).toEqual(limited(2 * GB));
    expect(groupBytes(PID, root)).toBe(2);
  });

  test("in a container the root is its own group; on the machine itself the root is none", () => {
    const container = machine("0::/\n", MOUNT_V2, {
      "sys/fs/cgroup/memory.max": `${GB}\n`,
      "sys/fs/cgroup/memory.current": "77\n",
    });
    expect(memoryAround(PID, container)).toEqual(limited(GB));
    expect(groupBytes(PID, container)).toBe(77);
    const machineItself = machine("0::/\n", MOUNT_V2);
    expect(memoryAround(PID, machineItself)).toEqual(MACHINE);
    expect(groupBytes(PID, machineItself)).toBeNull();
  });

  test("beside version 1 it is mounted elsewhere, and counts where version 1 does not", () => {
    const mounts = MOUNT_V2.replace("/sys/fs/cgroup", "/sys/fs/cgroup/unified");
    const root = machine("3:cpu:/\n0::/app\n", mounts, {
      "sys/fs/cgroup/unified/app/memory.max": `${3 * GB}\n`,
    });
    expect(memoryAround(PID, root)).toEqual(limited(3 * GB));
  });
});

describe("control groups of version 1", () => {
  const group = "4:cpu,memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n";
  const at = "sys/fs/cgroup/memory/docker/abc";

  test("a limit is what the server has; the number beyond all memory is none", () => {
    const root = machine(group, MOUNT_V1 + MOUNT_V2, {
      [`${at}/memory.limit_in_bytes`]: `${4 * GB}\n`,
      [`${at}/memory.usage_in_bytes`]: "999\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": V1_NO_LIMIT,
    });
    expect(memoryAround(PID, root)).toEqual(limited(4 * GB));
    expect(groupBytes(PID, root)).toBe(999);
    const none = machine(group, MOUNT_V1, { [`${at}/memory.limit_in_bytes`]: V1_NO_LIMIT });
    expect(memoryAround(PID, none)).toEqual(MACHINE);
  });

  test("a container may see its own part alone, under the name that it has outside", () => {
    const root = machine(group, MOUNT_V1.replace(" / /sys", " /docker/abc /sys"), {
      "sys/fs/cgroup/memory/memory.limit_in_bytes": `${2 * GB}\n`,
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n",
    });
    expect(memoryAround(PID, root)).toEqual(limited(2 * GB));
    expect(groupBytes(PID, root)).toBe(5);
  });

  test("the root of all groups is the machine, which a namespace's root is not", () => {
    const usage = { "sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n" };
    const top = machine("4:memory:/\n", MOUNT_V1, { ...usage, "sys/fs/cgroup/memory/cgroup.sane_behavior": "0\n" });
    expect(groupBytes(PID, top)).toBeNull();
    expect(groupBytes(PID, machine("4:memory:/\n", MOUNT_V1, usage))).toBe(5);
  });
});

describe("seen from a namespace", () => {
  test("a group beside ours that is not mounted here is not known: neither our limit nor all of the machine", () => {
    const files = { "sys/fs/cgroup/memory.max": `${GB}\n`, "sys/fs/cgroup/memory.current": "77\n" };
    for (const group of ["0::/../postgres\n", "0::/../..\n"]) {
      const root = machine(group, MOUNT_V2, files);
      expect(memoryAround(PID, root)).toEqual(NOT_KNOWN);
      expect(groupBytes(PID, root)).toBeNull();
    }
  });

  test("what is mounted from further out shows the groups beside ours, and not where we are ourselves", () => {
    const mount = MOUNT_V2.replace(" / /sys", " /../.. /sys");
    const files = { "sys/fs/cgroup/postgres/memory.max": `${GB}\n`, "sys/fs/cgroup/memory.max": `${2 * GB}\n` };
    expect(memoryAround(PID, machine("0::/../../postgres\n", mount, files))).toEqual(limited(GB));
    expect(memoryAround(PID, machine("0::/../..\n", mount, files))).toEqual(limited(2 * GB));
    expect(memoryAround(PID, machine("0::/\n", mount, files))).toEqual(NOT_KNOWN);
    expect(memoryAround(PID, machine("0::/../../../postgres\n", mount, files))).toEqual(NOT_KNOWN);
  });

  test("without control groups there is the machine; without anything nobody knows", () => {
    expect(memoryAround(PID, machine("", ""))).toEqual(MACHINE);
    expect(memoryAround(PID, path.join(tmpdir(), "pgtriage-no-such-machine"))).toEqual(NOT_KNOWN);
    expect(groupBytes(PID, machine("", ""))).toBeNull();
  });
});

test.runIf(process.platform === "linux")("this machine tells what a process of its own has", () => {
  const { machineBytes, machineIs } = memoryAround(process.pid);
  expect(machineBytes).toBeGreaterThan(2 ** 24);
  expect(machineIs).toMatch(/^(?:machine|control group)$/);
});
