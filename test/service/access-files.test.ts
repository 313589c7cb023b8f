import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessMaterial } from '../../src/scrape/http/page-access.ts';
import { accessLook, loadScrapeAccess } from '../../src/service/access-files.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';

const authority = makeAuthority('own');

let folder: string;
let rulesFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-files-'));
  rulesFile = join(folder, 'rules.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A Secret's folder as the kubelet mounts it: its files lead through a link that is swapped in one step. */
function mountSecret(files: Readonly<Record<string, string>>): string {
  const mount = join(folder, 'mount');
  const version = join(mount, `..${Math.random()}`);
  mkdirSync(version, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(version, name), content);
    rmSync(join(mount, name), { force: true });
    symlinkSync(join('..data', name), join(mount, name));
  }
  symlinkSync(version, join(mount, '..new'));
  renameSync(join(mount, '..new'), join(mount, '..data'));
  return mount;
}

function rules(...more: readonly Record<string, unknown>[]): string {
  const whole = { namespaces: ['models'], hosts: ['10.0.0.0/8'] };
  writeFileSync(rulesFile, JSON.stringify(more.map((each) => ({ ...whole, ...each }))));
  return rulesFile;
}

describe('what is loaded', () => {
  it('is a header, authorities and a name for each rule', async () => {
    const ca = file('ca.crt', authority.certPem);
    const basic = { usernameFile: file('name', 'reader\n'), passwordFile: file('password', 'hunter2\n') };
    const { rules: read, materials } = await loadScrapeAccess(
      rules(
        { bearerTokenFile: file('token', 'hunter3\n'), caFile: ca },
        { basic, serverName: 'llm.example.com' },
        { insecureSkipVerify: true },
      ),
    );
    const nothing = { authorization: undefined, caPem: undefined, serverName: undefined, verify: true };
    expect(read).toHaveLength(3);
    expect(materials).toEqual([
      { ...nothing, authorization: 'Bearer hunter3', caPem: authority.certPem.toString() },
      { ...nothing, authorization: `Basic ${btoa('reader:hunter2')}`, serverName: 'llm.example.com' },
      { ...nothing, verify: false },
    ]);
  });

  it.each([
    ['no file of rules', () => join(folder, 'none.json'), /^--scrape-credentials-file: ENOENT.*none\.json/],
    [
      'wrong rules',
      () => rules({}, { ports: [] }),
      /rule 1: gives nothing.*; .*rules\.json: rule 2: "ports" lists none/,
    ],
    ['no token', () => rules({ bearerTokenFile: join(folder, 'no-token') }), /^rule 1: ENOENT.*no-token/],
    [
      'a token and a certificate that are none',
      () => rules({ bearerTokenFile: file('bad', 'hunter2\nx: y') }, { caFile: file('ca', 'hunter2') }),
      /^rule 1: .*bad: expected one line without control characters; rule 2: .*ca: expected certificates in PEM$/,
    ],
    [
      'a user name with a colon',
      () => rules({ basic: { usernameFile: file('name', 'hunter2:'), passwordFile: file('password', 'hunter2') } }),
      /^rule 1: .*name: expected a user name without ":"$/,
    ],
  ])('is refused with %s, in words that repeat no secret', async (_name, write, words) => {
    const refusal = await loadScrapeAccess(write()).then(
      () => 'loaded',
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(words);
    expect(refusal).not.toContain('hunter2');
  });
});

/** Rules that are followed, what was handed on, and what was said. */
async function followed(path: string) {
  const taken: [place: number, material: AccessMaterial][] = [];
  const said: string[] = [];
  const look = accessLook(
    await loadScrapeAccess(path),
    { setAccess: (place, material) => void taken.push([place, material]) },
    {
      reloaded: (rule) => void said.push(`reloaded ${rule}`),
      reloadFailed: (fault) => void said.push(fault),
    },
  );
  return { look, taken, said };
}

describe('a look', () => {
  it('hands on what is new in a Secret whose link was swapped, once, and leaves other rules alone', async () => {
    const mount = mountSecret({ token: 'first' });
    const path = rules({ bearerTokenFile: file('other', 'other') }, { bearerTokenFile: join(mount, 'token') });
    const { look, taken, said } = await followed(path);
    await look();
    expect(taken).toEqual([]);
    mountSecret({ token: 'second' });
    await look();
    await look();
    expect(taken).toMatchObject([[1, { authorization: 'Bearer second' }]]);
    expect(said).toEqual(['reloaded 2']);
  });

  it('keeps the last good one while the file is no good, says so each time, and takes up the next good one', async () => {
    const mount = mountSecret({ token: 'first' });
    const { look, taken, said } = await followed(rules({ bearerTokenFile: join(mount, 'token') }));
    for (const bad of ['', 'hunter2\nhunter3', 'hunter2 hunter3']) {
      mountSecret({ token: bad });
      await look();
    }
    await look();
    expect(taken).toEqual([]);
    expect(said).toHaveLength(4);
    expect(said.join()).not.toContain('hunter');
    mountSecret({ token: 'first' });
    await look();
    expect([taken, said.length]).toEqual([[], 4]);
    mountSecret({ token: 'second' });
    await look();
    expect(taken).toMatchObject([[0, { authorization: 'Bearer second' }]]);
  });

  it('keeps the last good one while the file is gone', async () => {
    const token = file('token', 'first');
    const { look, taken, said } = await followed(rules({ bearerTokenFile: token }));
    rmSync(token);
    await look();
    expect(taken).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/^rule 1: ENOENT.*token'$/)]);
  });

  it.each(['name', 'password', 'ca.crt'])('notices that %s alone is new', async (name) => {
    const basic = { usernameFile: file('name', 'reader'), passwordFile: file('password', 'hunter2') };
    const { look, taken } = await followed(rules({ basic, caFile: file('ca.crt', authority.certPem) }));
    file(name, name === 'ca.crt' ? makeAuthority('next').certPem : 'new');
    await look();
    expect(taken).toHaveLength(1);
  });

  it('is one at a time: a second one waits for the first, however long that takes', async () => {
    const token = file('token', 'first');
    const { look, taken, said } = await followed(rules({ bearerTokenFile: token }));
    rmSync(token);
    // Whoever reads a pipe waits until somebody writes, and only one gets what was written.
    expect(spawnSync('mkfifo', [token]).status).toBe(0);
    const looks = [look(), look()];
    await writeFile(token, 'second');
    await Promise.all(looks);
    expect(taken).toMatchObject([[0, { authorization: 'Bearer second' }]]);
    expect(said).toEqual(['reloaded 1']);
  });
});
