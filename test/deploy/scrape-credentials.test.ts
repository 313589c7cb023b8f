import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { strangeFields } from './kube-shapes.ts';
import type { Fields, KubeObject, Values } from './render-chart.ts';
import { chart, container, helm, only, render, rulesOf } from './render-chart.ts';

const everything = parse(readFileSync(join(chart, 'ci/everything-values.yaml'), 'utf8')) as Values;

/** Every path that the scaler's container finds in its volumes, and the key of the object it comes from. */
function mounted(objects: readonly KubeObject[]): ReadonlyMap<string, string> {
  const { volumes } = only(objects, 'Deployment').spec.template.spec;
  const files = new Map<string, string>();
  for (const { name, mountPath } of container(objects).volumeMounts) {
    const { projected } = volumes.find((volume: Fields) => volume.name === name);
    for (const { secret, configMap } of projected?.sources ?? []) {
      const source = secret ?? configMap;
      for (const { key, path } of source.items) files.set(`${mountPath}/${path}`, `${source.name}/${key}`);
    }
  }
  return files;
}

describe.skipIf(helm === undefined)('rules for protected pages (needs helm: npm run helm:get)', () => {
  it('are none by default, and mount nothing', () => {
    const objects = render();
    expect(rulesOf(objects)).toEqual([]);
    expect(container(objects).volumeMounts).toBeUndefined();
    expect(container(objects).args.join()).not.toContain('scrape-credentials');
    expect(only(objects, 'Deployment').spec.template.metadata.annotations).toBeUndefined();
  });

  it('are those the scaler reads, in their order, and name files that are mounted', () => {
    const objects = render(everything);
    const rules = rulesOf(objects);
    expect(rules).toMatchObject([
      { namespaces: ['models'], ports: [8443], allowPlainHttp: false },
      { namespaces: '*', serverName: 'metrics.example.org', allowPlainHttp: true },
      { namespaces: [], gpuExporters: true, insecureSkipVerify: true },
    ]);
    const files = mounted(objects);
    const named = rules.flatMap(({ credential, caFile }) => {
      if (credential === undefined) return caFile ?? [];
      const { kind, ...paths } = credential;
      return [...Object.values(paths), ...(caFile === undefined ? [] : [caFile])];
    });
    expect(named.map((path) => files.get(path))).toEqual([
      'metrics-reader/token',
      'models-ca/bundle.pem',
      'llm-example/user',
      'llm-example/pass',
      'llm-example-ca/ca.crt',
    ]);
    expect(files.size).toBe(named.length);
  });

  it('are where the flag says', () => {
    const objects = render(everything);
    const mount = container(objects).volumeMounts.find(({ name }: Fields) => name === 'scrape-rules');
    expect(container(objects).args).toContain(`--scrape-credentials-file=${mount.mountPath}/rules.json`);
  });

  it('hold no secret themselves, and nobody but the scaler’s pods reads the Secrets', () => {
    const objects = render(everything);
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const { projected } of only(objects, 'Deployment').spec.template.spec.volumes) {
      if (projected !== undefined) expect(projected.defaultMode).toBe(0o440);
    }
    expect(JSON.stringify(objects.filter(({ kind }) => /Role$/.test(kind)))).not.toContain('secrets');
  });

  it('replace the pods when they change, and only then', () => {
    const rule = { namespaces: ['models'], hosts: ['10.0.0.0/8'], bearerToken: { secretName: 's' } };
    const sums = [rule, rule, { ...rule, ports: [1] }].map(
      (each) =>
        only(render({ scrape: { credentials: [each] }, podAnnotations: { a: 'b' } }), 'Deployment').spec.template
          .metadata.annotations,
    );
    expect(sums[0]).toMatchObject({ a: 'b', 'checksum/scrape-rules': expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(sums[1]).toEqual(sums[0]);
    expect(sums[2]).not.toEqual(sums[0]);
  });

  it('are written in the docs as the chart takes them', () => {
    const text = readFileSync('docs/scrape-credentials.md', 'utf8');
    const [, values] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const objects = render(parse(values!));
    expect(rulesOf(objects)).toHaveLength(2);
    expect(objects.flatMap(strangeFields)).toEqual([]);
  });
});
