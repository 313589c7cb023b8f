import { readFile } from 'node:fs/promises';
import type { ProbeAccess, ProbeFlags } from '../config/settings/command-flags.ts';
import { parseProbeFlags, probeFields } from '../config/settings/command-flags.ts';
import { asksForHelp } from '../config/settings/flags.ts';
import { renderHelp } from '../config/settings/help.ts';
import { knownPaths } from '../presets/catalogue/presets.ts';
import type { ProbedPage } from '../probe/probed-page.ts';
import { probePage, unreadPage } from '../probe/probed-page.ts';
import { renderProbe, renderProbeJson } from '../probe/render-probe.ts';
import { WatchedPage } from '../probe/watched-page.ts';
import { authorities, bearerHeader } from '../scrape/http/access-text.ts';
import { fetchPage } from '../scrape/http/fetch-page.ts';
import type { AccessMaterial } from '../scrape/http/page-access.ts';
import { parsePageUrl } from '../scrape/http/page-url.ts';
import { readChecked } from '../service/checked-file.ts';
import type { Clock } from '../time/clock.ts';
import { systemClock } from '../time/system-clock.ts';

const summary = `Reads one metrics page, as the service would, and says what it makes of it.
Exit code 0: the page could be read; 1: it could not, or it is not a page of --engine; 2: wrong usage.`;

const LOOK_EVERY_MS = 1_000;
const limits = { timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 };

/** Where the answer goes, and what is wrong with the flags. */
export type ProbeOutput = Pick<Console, 'log' | 'error'>;

/**
 * Reads one page and prints what it makes of it, once or watched for a while. Exit code 0 when the page could be read, 1
 * when not, 2 for usage.
 */
export async function probe(
  argv: readonly string[],
  output: ProbeOutput = console,
  clock: Clock = systemClock,
): Promise<number> {
  if (asksForHelp(argv)) {
    output.log(renderHelp({ usage: 'keda-llm-scaler probe', summary, fields: probeFields, readsEnvironment: false }));
    return 0;
  }
  const flags = parseProbeFlags(argv);
  if (!flags.ok) {
    for (const fault of flags.faults) output.error(fault);
    return 2;
  }
  const { json, watchMs } = flags.value;
  const watched = watchMs === undefined ? undefined : new WatchedPage();
  let probed = await read(flags.value);
  const endMs = clock.nowMs() + (watchMs ?? 0);
  watched?.look(probed, clock.nowMs());
  while (watched !== undefined && clock.nowMs() < endMs) {
    await clock.sleep(LOOK_EVERY_MS);
    probed = await read(flags.value);
    watched.look(probed, clock.nowMs());
    if (!json) output.log(watched.words);
  }
  output.log(json ? renderProbeJson(probed, watched) : renderProbe(probed, watched));
  return probed.ok ? 0 : 1;
}

async function read(flags: ProbeFlags): Promise<ProbedPage> {
  return flags.page.kind === 'file' ? await fromFile(flags) : await fromUrl(flags);
}

async function fromFile(flags: ProbeFlags): Promise<ProbedPage> {
  if (flags.page.kind !== 'file') return unreadPage('no file was named');
  const { file, contentType } = flags.page;
  try {
    return probePage(await readFile(file), { ...flags, contentType: contentType ?? '', port: undefined });
  } catch (error) {
    return unreadPage(`expected a page in ${file}, ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Tries the known paths where the URL has none, until a page counts requests. When none does, tells of the first page
 * that could be read, else of the first one.
 */
async function fromUrl(flags: ProbeFlags): Promise<ProbedPage> {
  if (flags.page.kind !== 'url') return unreadPage('no URL was named');
  const url = parsePageUrl(flags.page.url);
  if (url === undefined) return unreadPage('no URL was named');
  let access: AccessMaterial;
  try {
    access = await readAccess(flags.page);
  } catch (error) {
    return unreadPage(error instanceof Error ? error.message : String(error));
  }
  let first: ProbedPage | undefined;
  for (const candidate of url.path === '/' ? knownPaths.map((path) => url.origin + path) : [url.text]) {
    const { outcome, body } = await fetchPage(candidate, limits, { access });
    const probed = outcome.ok
      ? probePage(body, { ...flags, contentType: outcome.contentType, port: url.port })
      : unreadPage(outcome.detail);
    if (probed.signals !== undefined) return probed;
    if (first === undefined || (probed.ok && !first.ok)) first = probed;
  }
  return first ?? unreadPage('no URL was tried');
}

async function readAccess({ bearerTokenFile, caFile, insecureSkipVerify }: ProbeAccess): Promise<AccessMaterial> {
  return {
    authorization: bearerTokenFile === undefined ? undefined : await readChecked(bearerTokenFile, bearerHeader),
    caPem: caFile === undefined ? undefined : await readChecked(caFile, authorities),
    serverName: undefined,
    verify: !insecureSkipVerify,
  };
}
