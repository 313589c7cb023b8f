import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { execForm, instructionsOf, isIgnored, lastOf, stagesOf } from '../../scripts/image/dockerfile.ts';

const text = readFileSync('Dockerfile', 'utf8');
const ignoreFile = readFileSync('.dockerignore', 'utf8');
const stages = stagesOf(text);
const final = stages.at(-1)!;

/** Defaults of the arguments that stand before the first stage. */
const args = new Map(
  instructionsOf(text.slice(0, text.indexOf('\nFROM')))
    .filter(({ name }) => name === 'ARG')
    .map(({ text: pair }): [string, string] => [pair.split('=')[0]!, pair.split('=')[1]!.replaceAll('"', '')]),
);

describe('the bases', () => {
  it('are named by an exact tag, never by latest or by none', () => {
    const images = [...args].filter(([name]) => name.endsWith('_IMAGE')).map(([, image]) => image);
    expect(images).toEqual([
      expect.stringMatching(/^docker\.io\/library\/node:24\.\d+\.\d+-[a-z]+-slim$/),
      'gcr.io/distroless/nodejs24-debian13:nonroot',
    ]);
    expect(text).not.toMatch(/:latest\b/);
  });

  it('take a digest each as an argument, and every stage uses it', () => {
    expect(stages).toHaveLength(3);
    for (const { base } of stages)
      expect(base).toMatch(/^\$\{(NODE|RUNTIME)_IMAGE\}\$\{(NODE|RUNTIME)_DIGEST:\+@\$\{\2_DIGEST\}\}$/);
    expect(args.get('NODE_DIGEST')).toBe('');
    expect(args.get('RUNTIME_DIGEST')).toBe('');
  });

  it('follow the Node that the repository is tested with', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    expect(args.get('NODE_IMAGE')).toContain(`:${packages['node_modules/node'].version}-`);
    expect(args.get('RUNTIME_IMAGE')).toContain(`nodejs${packages['node_modules/node'].version.split('.')[0]}-`);
  });

  it('of building stages are the builder’s own platform, so one build serves every platform', () => {
    expect(stages.slice(0, -1).map(({ flags }) => flags.platform)).toEqual(['$BUILDPLATFORM', '$BUILDPLATFORM']);
    expect(final.flags.platform).toBeUndefined();
  });
});

describe('building', () => {
  const installs = stages.flatMap(({ instructions }) => instructions).filter(({ text: run }) => run.includes('npm ci'));

  it('installs from the lock file and runs nobody’s install scripts', () => {
    expect(installs).toHaveLength(2);
    for (const { text: run } of installs) expect(run).toContain('--ignore-scripts');
    expect(text).not.toMatch(/npm (install|i|add)\b/);
  });

  it('ships production dependencies alone, and a list of them', () => {
    const shipped = final.instructions.find(({ text: copy }) => copy.includes('node_modules'))!;
    const source = stages.find(({ name }) => name === shipped.flags.from)!;
    const install = source.instructions.find(({ text: run }) => run.startsWith('npm ci'))!;
    expect(install.text).toContain('--omit=dev');
    expect(source.instructions.some(({ text: run }) => /npm sbom .*--omit=dev/.test(run))).toBe(true);
    expect(final.instructions.some(({ text: copy }) => copy.startsWith('/build/sbom.cdx.json'))).toBe(true);
  });

  it('copies only what is there, and what .dockerignore lets through', () => {
    const copies = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, flags }) => name === 'COPY' && flags.from === undefined);
    const sources = copies.flatMap(({ text: words }) => words.split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThanOrEqual(10);
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    expect(sources.filter((source) => isIgnored(ignoreFile, source))).toEqual([]);
  });

  it.each(['.git', 'node_modules', 'test', 'dist', '.env', 'scripts/prove-image.ts', 'deploy', 'README.md'])(
    '.dockerignore keeps out %s',
    (path) => expect(isIgnored(ignoreFile, path)).toBe(true),
  );
});

describe('the result', () => {
  it('runs as a numeric user, which restricted PodSecurity can check', () =>
    expect(lastOf(final, 'USER')).toBe('65532:65532'));

  it('starts Node itself as process 1, in exec form', () => {
    expect(execForm(final, 'ENTRYPOINT')).toEqual(['/nodejs/bin/node', '--enable-source-maps', '/app/dist/main.js']);
    expect(execForm(final, 'CMD')).toEqual(['serve']);
    expect(lastOf(final, 'ENV')).toBe('NODE_ENV=production');
  });

  it('has no health check of its own, no volume and no step that needs a shell', () => {
    const names = final.instructions.map(({ name }) => name);
    expect(names.filter((name) => ['HEALTHCHECK', 'VOLUME', 'RUN', 'SHELL', 'ADD'].includes(name))).toEqual([]);
  });

  it('names both ports and says what it is', () => {
    expect(lastOf(final, 'EXPOSE')).toBe('6000 8080');
    const labels = [...lastOf(final, 'LABEL')!.matchAll(/org\.opencontainers\.image\.([a-z]+)=/g)].map(
      ([, label]) => label,
    );
    expect(labels).toEqual(expect.arrayContaining(['title', 'source', 'licenses', 'version', 'revision', 'created']));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(final.instructions.some(({ name, text: pair }) => name === 'ARG' && pair === `VERSION=${version}`)).toBe(
      true,
    );
  });
});

describe('reading a Dockerfile', () => {
  it('joins lines, drops comments and takes flags apart', () => {
    const [stage] = stagesOf(
      'ARG A=1\nFROM --platform=x base AS one\n# no\nRUN --mount=type=cache,target=/c a \\\n  b\n',
    );
    expect(stage).toEqual({
      name: 'one',
      base: 'base',
      flags: { platform: 'x' },
      instructions: [{ name: 'RUN', flags: { mount: 'type=cache,target=/c' }, text: 'a b' }],
    });
  });

  it('refuses shell form and patterns it does not know', () => {
    expect(() => execForm(stagesOf('FROM a\nCMD npm start')[0]!, 'CMD')).toThrow();
    expect(() => execForm(stagesOf('FROM a\nCMD "npm"')[0]!, 'CMD')).toThrow('exec form');
    expect(() => isIgnored('*.md', 'README.md')).toThrow('*.md');
  });

  it('lets a later pattern win', () => {
    expect(isIgnored('*\n!src\nsrc/secret', 'src/main.ts')).toBe(false);
    expect(isIgnored('*\n!src\nsrc/secret', 'src/secret/key')).toBe(true);
  });
});
