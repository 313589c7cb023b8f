import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFiles } from '../../scripts/chart/generated-files.ts';
import { readValuesFile } from '../../scripts/chart/values-file.ts';
import { referenceOf } from '../../src/config/field.ts';
import { parseTriggerMetadata } from '../../src/config/metadata/parse-trigger-metadata.ts';
import { flagOf } from '../../src/config/settings/flags.ts';
import { settingFields } from '../../src/config/settings/setting-fields.ts';
import { eventFamilies, triggerFamilies } from '../../src/telemetry/families.ts';
import { processFamilies } from '../../src/telemetry/metrics.ts';

const chart = 'deploy/chart';
const read = (path: string): string => readFileSync(path, 'utf8');
const keys = readValuesFile(read(join(chart, 'values.yaml')));

describe('files made from values.yaml', () => {
  it.each(chartFiles)('$path is in step (else: npm run chart:generate)', ({ path, render }) => {
    expect(read(path)).toBe(render());
  });

  it('describe every key in a sentence', () => {
    const described = keys.filter(({ isGroup }) => !isGroup);
    expect(described.length).toBeGreaterThan(110);
    for (const { path, description } of described) expect(description, path.join('.')).toMatch(/^.+[.)]$/);
  });

  it('refuse a key without description', () => {
    expect(() => readValuesFile('a: 1\n')).toThrow('a has no');
    expect(() => readValuesFile('# -- Text.\na:\n  b: 1\n')).toThrow('a.b has no');
  });
});

describe('settings of serve', () => {
  /** A value's path by the flags that its description names. */
  const byFlag = new Map(
    keys.flatMap(({ path, description }) =>
      [...description.matchAll(/`(--[a-z-]+)`/g)].map(([, flag]): [string, readonly string[]] => [flag!, path]),
    ),
  );
  /** Given to Node, not to us. */
  const ofNode = ['--max-old-space-size'];
  /** A kubeconfig is for other places than a pod. */
  const notForPods = ['--kubeconfig'];

  it('have a value each, and every value that names a flag names one of theirs', () => {
    const flags = Object.keys(settingFields).map(flagOf);
    expect([...byFlag.keys()].filter((flag) => !ofNode.includes(flag)).sort()).toEqual(
      flags.filter((flag) => !notForPods.includes(flag)).sort(),
    );
  });

  it('have the defaults that the scaler has by itself', () => {
    const values = parse(read(join(chart, 'values.yaml')));
    const inWords: Record<string, string> = {
      '--grpc-address': `${values.listen.host}:${values.listen.grpcPort}`,
      '--admin-address': `${values.listen.host}:${values.listen.adminPort}`,
      '--shutdown-grace': `${values.shutdown.graceSeconds}s`,
      // The scaler finds out by itself; the chart knows.
      '--kubernetes': 'auto',
    };
    let compared = 0;
    for (const [name, schema] of Object.entries(settingFields)) {
      const text = referenceOf(schema).defaultText;
      const path = byFlag.get(flagOf(name));
      if (text === undefined || path === undefined) continue;
      const value = inWords[flagOf(name)] ?? String(path.reduce((below, key) => below[key], values));
      expect(value, name).toBe(text);
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(14);
  });
});

describe('the dashboard and the alerts', () => {
  const alerts = parse(read(join(chart, 'files/alerts.yaml'))).groups.flatMap(
    ({ rules }: { rules: { alert: string; expr: string; labels: { severity: string } }[] }) => rules,
  );
  const dashboard = JSON.parse(read(join(chart, 'files/dashboard.json')));
  const panels = dashboard.panels.filter(({ type }: { type: string }) => type !== 'row');
  const ours = [...Object.values(eventFamilies), ...Object.values(triggerFamilies)];
  const known = new Set(
    [...ours, ...processFamilies()].flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const expressions: string[] = [
    ...alerts.map(({ expr }: { expr: string }) => expr),
    ...panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ definition }: { definition?: string }) => definition ?? ''),
  ];
  const used = new Set(
    expressions.flatMap((text) => text.match(/\b(keda_llm_scaler|process|nodejs)_[a-z0-9_]+/g) ?? []),
  );

  it('use only metrics that we print', () => {
    expect(used.size).toBeGreaterThan(30);
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
  });

  it('between them use every metric of ours', () => {
    const unused = ours.filter(({ name }) => !used.has(name) && !used.has(`${name}_bucket`));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });

  it('select by labels that the metric has', () => {
    const labels = new Map(ours.map(({ name, labels: own }) => [name, own]));
    const wrong = expressions.flatMap((text) =>
      [...text.matchAll(/(keda_llm_scaler_[a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name, matchers]) =>
        [...matchers!.matchAll(/([a-z_]+)\s*[=!]/g)]
          .map(([, label]) => label!)
          .filter((label) => !labels.get(name!)?.includes(label))
          .map((label) => `${name} has no label ${label}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('give every panel a title, a unit, a description and the chosen data source', () => {
    expect(panels.length).toBeGreaterThan(20);
    for (const { title, description, datasource, fieldConfig } of panels) {
      expect(title.length).toBeGreaterThan(2);
      expect(description, title).toMatch(/\.$/);
      expect(datasource.uid, title).toBe('$' + '{datasource}');
      expect(fieldConfig.defaults.unit, title).toMatch(/\w/);
    }
    const ids = dashboard.panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('name a runbook section that exists, under a severity that people know', () => {
    const headings = new Set([...read('docs/troubleshooting.md').matchAll(/^#+ (.+)$/gm)].map(([, text]) => text));
    expect(alerts.length).toBeGreaterThanOrEqual(15);
    for (const { alert, labels } of alerts) {
      expect(headings, alert).toContain(alert);
      expect(['critical', 'warning']).toContain(labels.severity);
    }
  });
});

describe('alert rules', () => {
  const cases = parse(read('test/deploy/alerts.promtool.yaml')).tests as {
    alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[];
  }[];
  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

  it('each have a case in which they fire', () => {
    const names = parse(read(join(chart, 'files/alerts.yaml'))).groups.flatMap(
      ({ rules }: { rules: { alert: string }[] }) => rules.map(({ alert }) => alert),
    );
    const firing = cases
      .flatMap(({ alert_rule_test: checks }) => checks)
      .filter(({ exp_alerts }) => exp_alerts !== undefined);
    expect([...new Set(firing.map(({ alertname }) => alertname))].sort()).toEqual([...names].sort());
  });

  it.skipIf(!hasPromtool)('behave as their cases say (needs promtool, of the Debian package prometheus)', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'test/deploy/alerts.promtool.yaml'], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

describe('Chart.yaml', () => {
  const about = parse(read(join(chart, 'Chart.yaml')));
  const { version } = JSON.parse(read('package.json'));

  it('carries the version of the scaler', () => {
    expect(about.version).toBe(version);
    expect(about.appVersion).toBe(version);
    expect(about.annotations['artifacthub.io/images']).toContain(`:${version}\n`);
  });

  it('has a listing of this version for Artifact Hub', () => {
    const listing = parse(read(`deploy/artifacthub/keda-llm-scaler/${version}/artifacthub-pkg.yml`));
    expect(listing).toMatchObject({ name: 'keda-llm-scaler', version, appVersion: version, license: 'Apache-2.0' });
    expect(listing.containersImages[0].image).toContain(`:${version}`);
    const [, example] = /```yaml\n([\s\S]*?)```/.exec(read(`deploy/artifacthub/keda-llm-scaler/${version}/README.md`))!;
    const [trigger] = parse(example!).spec.triggers;
    expect(parseTriggerMetadata(trigger.metadata)).toMatchObject({ ok: true });
  });

  it('has annotations that Artifact Hub can read', () => {
    for (const name of ['links', 'images', 'changes']) {
      expect(parse(about.annotations[`artifacthub.io/${name}`])).toEqual(expect.arrayContaining([expect.any(Object)]));
    }
    expect(about.kubeVersion).toBe('>=1.30.0-0');
  });
});
