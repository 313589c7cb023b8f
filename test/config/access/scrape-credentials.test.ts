import { describe, expect, it } from 'vitest';
import { parseScrapeCredentials } from '../../../src/config/access/scrape-credentials.ts';

const good = { namespaces: ['models'], hosts: ['10.0.0.0/8'], bearerTokenFile: '/token' };

function rulesOf(...rules: readonly unknown[]) {
  const parsed = parseScrapeCredentials(JSON.stringify(rules));
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.value;
}

function faultsOf(...rules: readonly unknown[]): readonly string[] {
  const parsed = parseScrapeCredentials(JSON.stringify(rules));
  return parsed.ok ? [] : parsed.faults;
}

it('reads a rule with what is most often left out', () => {
  expect(rulesOf(good)).toEqual([
    {
      namespaces: ['models'],
      gpuExporters: false,
      hosts: [{ kind: 'network', cidr: { bytes: [10, 0, 0, 0], prefixBits: 8 } }],
      ports: undefined,
      allowPlainHttp: false,
      credential: { kind: 'bearer', tokenFile: '/token' },
      caFile: undefined,
      serverName: undefined,
      insecureSkipVerify: false,
    },
  ]);
});

it('reads a rule with everything', () => {
  const basic = { usernameFile: '/name', passwordFile: '/password' };
  const rest = { ports: [443, 8443], allowPlainHttp: true, caFile: '/ca.crt', serverName: 'llm.example.com' };
  const [rule] = rulesOf({ namespaces: ['*'], gpuExporters: true, hosts: ['*.Example.com', 'One.'], basic, ...rest });
  expect(rule).toMatchObject({
    ...rest,
    namespaces: '*',
    gpuExporters: true,
    hosts: [
      { kind: 'domain', suffix: '.example.com' },
      { kind: 'name', name: 'one' },
    ],
    credential: { kind: 'basic', ...basic },
  });
});

it('may be empty', () => expect(rulesOf()).toEqual([]));

const wrong: readonly [change: Record<string, unknown>, fault: string][] = [
  [{ namespaces: undefined }, 'says for nobody: give "namespaces", or "gpuExporters": true'],
  [{ namespaces: [] }, '"namespaces" lists none'],
  [{ namespaces: 'models' }, '"namespaces" must be a list of namespaces'],
  [{ namespaces: ['Models'] }, '"namespaces[0]" must be lower-case letters'],
  [{ namespaces: ['*', 'models'] }, '"namespaces" "*" stands alone'],
  [{ hosts: undefined }, '"hosts" is missing: give a list of host names and networks'],
  [{ hosts: [] }, '"hosts" lists none'],
  [{ hosts: ['*'] }, '"hosts[0]" must name hosts: for every address write "0.0.0.0/0" and "::/0"'],
  [{ hosts: ['https://u:p@h/x'] }, '"hosts[0]" must be a host, not the URL "https://…@h/x"'],
  [{ hosts: ['h:8000'] }, 'without a port; found "h:8000"'],
  [{ hosts: ['*.'] }, '"hosts[0]" must be a name'],
  [{ hosts: ['a.*.b'] }, '"hosts[0]" must be a name'],
  [{ hosts: ['10.0.0.1/8'] }, 'no bits beyond the prefix'],
  [{ hosts: ['10.0.0/8'] }, 'a network such as 10.0.0.0/8'],
  [{ hosts: ['2130706433'] }, '"hosts[0]" must be a name'],
  [{ ports: [] }, '"ports" lists none'],
  [{ ports: [0] }, '"ports[0]" must be 1 to 65535'],
  [{ ports: ['80'] }, '"ports[0]" must be a port'],
  [{ allowPlainHttp: 'true' }, '"allowPlainHttp" must be true or false'],
  [{ bearerTokenFile: 'token' }, '"bearerTokenFile" must be the absolute path of a file'],
  [{ bearerTokenFile: '' }, '"bearerTokenFile" must be the absolute path'],
  [{ bearerTokenFile: undefined }, 'gives nothing: add "bearerTokenFile"'],
  [{ basic: { usernameFile: '/a', passwordFile: '/b' } }, '"bearerTokenFile" and "basic" contradict each other'],
  [{ basic: { usernameFile: '/a' } }, '"basic.passwordFile" is missing'],
  [{ basic: { usernameFile: '/a', passwordFile: '/b', password: 'x' } }, '"password" is not a key'],
  [{ caFile: '/ca', insecureSkipVerify: true }, '"caFile" and "insecureSkipVerify" contradict each other'],
  [{ bearerTokenFile: undefined, caFile: '/ca', allowPlainHttp: true }, '"allowPlainHttp" needs a credential'],
  [{ serverName: '10.0.0.1' }, '"serverName" must be a host name; leave it out to verify'],
  [{ bearertoken: 'x' }, '"bearertoken" is not a key'],
  [{ insecureSkipverify: true }, '"insecureSkipverify" is not a key; did you mean "insecureSkipVerify"?'],
];

describe('a rule is refused', () => {
  it.each(wrong)('with %j', (change, fault) => {
    const faults = faultsOf(good, { ...good, ...change });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^rule 2: /);
    expect(faults[0]).toContain(fault);
  });

  it('together with everything else that is wrong', () => {
    expect(faultsOf(5, { ...good, ports: [0, 'x'], token: 'x' }, good, { ...good, hosts: [] })).toHaveLength(5);
  });
});

it.each([
  ['', 'expected JSON, found something else'],
  ['token: hunter2', 'expected JSON, found something else'],
  ['[{"token": hunter2}]', 'expected JSON, found something else'],
  ['[{"token": "hunter2"} {', 'expected JSON, found something else (line 1 column 23)'],
  ['"hunter2"', 'expected a JSON list of rules, found something else'],
  [JSON.stringify(good), 'expected a JSON list of rules, found something else'],
  [JSON.stringify(Array(1001).fill(good)), 'expected at most 1000 rules, found 1001'],
])('the text %.30s is no list, and none of it is repeated', (text, fault) => {
  expect(parseScrapeCredentials(text)).toEqual({ ok: false, faults: [fault] });
});
