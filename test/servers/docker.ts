import { PostgreSqlContainer } from "@testcontainers/postgresql";
import { getContainerRuntimeClient } from "testcontainers";

export interface ContainerServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `postgres:<major>` from Docker, through testcontainers. */
export async function containerServer(
  major: number,
  settings: Readonly<Record<string, string | number>>,
): Promise<ContainerServer> {
  await sweep();
  const container = await new PostgreSqlContainer(`postgres:${major}`)
    .withUsername("postgres")
    .withDatabase("postgres")
    .withLabels({ [LABEL]: String(process.pid) })
    .withCommand(["postgres", ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])])
    .start();
  return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
}

/** Where testcontainers' own reaper is disabled (TESTCONTAINERS_RYUK_DISABLED), a killed run leaves its container to the next one. */
async function sweep(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  for (const left of await dockerode.listContainers({ all: true, filters: { label: [LABEL] } })) {
    if (!alive(Number(left.Labels[LABEL]))) await dockerode.getContainer(left.Id).remove({ force: true, v: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const LABEL = "pgtriage.test.pid";
