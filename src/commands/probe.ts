import { readFile } from 'node:fs/promises';
import type { ProbeFlags } from '../config/command-flags.ts';
import { parseProbeFlags, probeFields } from '../config/command-flags.ts';
import { asksForHelp } from '../config/flags.ts';
import { renderHelp } from '../config/help.ts';
import { knownPaths } from '../presets/presets.ts';
import { fetchPage } from '../scrape/fetch-page.ts';
import type { ProbedPage } from './probed-page.ts';
import { probePage, unreadPage } from './probed-page.ts';
import { renderProbe, renderProbeJson } from './render-probe.ts';

const limits = { timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 };

/** Reads one page and prints what it makes of it. Exit code 0 when the page could be read, 1 when not, 2 for usage. */
export async function probe(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    const summary = 'Reads one metrics page, as the service would, and says what it makes of it.';
    console.log(renderHelp({ usage: 'keda-llm-scaler probe', summary, fields: probeFields, readsEnvironment: false }));
    return 0;
  }
  const flags = parseProbeFlags(argv);
  if (!flags.ok) {
    for (const fault of flags.faults) console.error(fault);
    return 2;
  }
  const probed = await read(flags.value);
  console.log(flags.value.json ? renderProbeJson(probed) : renderProbe(probed));
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

/** Tries the known paths where the URL has none; tells of the first page that can be read, else of the first one. */
async function fromUrl(flags: ProbeFlags): Promise<ProbedPage> {
  if (flags.page.kind !== 'url') return unreadPage('no URL was named');
  const { url } = flags.page;
  const hasPath = new URL(url).pathname !== '/';
  let first: ProbedPage | undefined;
  for (const candidate of hasPath ? [url] : knownPaths.map((path) => url.replace(/\/$/, '') + path)) {
    const { outcome, body } = await fetchPage(candidate, limits);
    const probed = outcome.ok
      ? probePage(body, { ...flags, contentType: outcome.contentType, port: Number(new URL(candidate).port) || 80 })
      : unreadPage(outcome.detail);
    if (probed.ok) return probed;
    first ??= probed;
  }
  return first ?? unreadPage('no URL was tried');
}
