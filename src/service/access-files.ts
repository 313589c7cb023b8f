import { readFile } from 'node:fs/promises';
import type { AccessRule, CredentialFiles } from '../config/access/scrape-credentials.ts';
import { parseScrapeCredentials } from '../config/access/scrape-credentials.ts';
import type { ScrapeAccess, ScrapeHost } from '../readings/scrape-host.ts';
import { authorities, basicHeader, bearerHeader, usernameIn } from '../scrape/http/access-text.ts';
import type { AccessMaterial } from '../scrape/http/page-access.ts';
import type { CredentialEvents } from '../telemetry/telemetry-events.ts';
import { readChecked } from './checked-file.ts';

/** Kubernetes renews a mounted Secret within a minute or two; looking often costs nothing beside that. */
const LOOK_EVERY_MS = 10_000;

/** Reads the rules, and every file they name. Rejects with all faults in words, and never with what a file holds. */
export async function loadScrapeAccess(file: string): Promise<ScrapeAccess> {
  const parsed = parseScrapeCredentials(await textOf(file));
  if (!parsed.ok) throw new Error(parsed.faults.map((fault) => `${file}: ${fault}`).join('; '));
  const rules = parsed.value;
  const read = await Promise.allSettled(rules.map(readMaterial));
  const faults = read.flatMap((each, at) => (each.status === 'rejected' ? [faultOf(each.reason, at)] : []));
  if (faults.length > 0) throw new Error(faults.join('; '));
  return { rules, materials: read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])) };
}

/** The part of a scrape host that takes new secrets. */
export type AccessTaker = Pick<ScrapeHost, 'setAccess'>;

/** Follows the files that the rules name for as long as the service runs. Returns how to stop. */
export function followAccessFiles(access: ScrapeAccess, taker: AccessTaker, events: CredentialEvents): () => void {
  const look = accessLook(access, taker, events);
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/**
 * Makes a look at the files, which hands on what is new in them and never rejects. What can't be used is told at each
 * look, for as long as that is so, and the last good one stays.
 */
export function accessLook({ rules, materials }: ScrapeAccess, taker: AccessTaker, events: CredentialEvents) {
  const good = [...materials];
  let looking: Promise<unknown> | undefined;
  const lookAt = async (rule: AccessRule, at: number): Promise<void> => {
    try {
      const material = await readMaterial(rule);
      if (isSame(material, good[at])) return;
      good[at] = material;
      taker.setAccess(at, material);
      events.reloaded(at + 1);
    } catch (error) {
      events.reloadFailed(faultOf(error, at));
    }
  };
  return async (): Promise<void> => {
    // A slow look must not hand on what is older than what the next one has found.
    looking ??= Promise.all(rules.map(lookAt)).finally(() => {
      looking = undefined;
    });
    await looking;
  };
}

async function readMaterial({ credential, caFile, serverName, insecureSkipVerify }: AccessRule) {
  const [authorization, caPem] = await Promise.all([
    credential && headerOf(credential),
    caFile === undefined ? undefined : readChecked(caFile, authorities),
  ]);
  return { authorization, caPem, serverName, verify: !insecureSkipVerify } satisfies AccessMaterial;
}

async function headerOf(files: CredentialFiles): Promise<string> {
  if (files.kind === 'bearer') return await readChecked(files.tokenFile, bearerHeader);
  const username = await readChecked(files.usernameFile, usernameIn);
  return await readChecked(files.passwordFile, (password) => basicHeader(username, password));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`--scrape-credentials-file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function faultOf(error: unknown, at: number): string {
  return `rule ${at + 1}: ${error instanceof Error ? error.message : String(error)}`;
}

function isSame(a: AccessMaterial, b: AccessMaterial | undefined): boolean {
  return a.authorization === b?.authorization && a.caPem === b?.caPem;
}
