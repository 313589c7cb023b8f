import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseProbeFlags } from '../../src/config/settings/command-flags.ts';
import { probePage } from '../../src/probe/probed-page.ts';
import type { Printed } from '../fakes/printed-pages.ts';
import { statusesOf } from '../fakes/printed-pages.ts';

/** What one page alone says. */
interface ProbeCase {
  readonly file: string;
  readonly args?: readonly string[];
  readonly engine?: string;
  readonly concurrency?: number | null;
  readonly problem?: string;
}

/** What the service says of a replica or a gateway that prints pages. */
interface ServeCase {
  readonly name: string;
  readonly pages?: readonly string[];
  readonly gateway?: readonly string[];
  readonly everySeconds?: number;
  /** By how much a series grows from one reading to the next. */
  readonly growing?: Readonly<Record<string, number>>;
  readonly metric?: string;
  readonly targetValue?: number;
  readonly value?: readonly [number, number];
  readonly boundsOfNow?: readonly [number, number];
  readonly active?: boolean;
}

const directory = process.env.CASES_DIR ?? '../shared/cases';
const isThere = existsSync(join(directory, 'cases.json'));
const cases: { readonly probe: readonly ProbeCase[]; readonly serve: readonly ServeCase[] } = isThere
  ? JSON.parse(readFileSync(join(directory, 'cases.json'), 'utf8'))
  : { probe: [], serve: [] };

const textOf = (file: string): string => readFileSync(join(directory, file), 'utf8');

function expectProbe({ file, args = [], engine, concurrency, problem }: ProbeCase): void {
  const flags = parseProbeFlags(['--file', file, ...args]);
  if (!flags.ok) throw new Error(flags.faults.join('\n'));
  const probed = probePage(Buffer.from(textOf(file)), { ...flags.value, contentType: '', port: undefined });
  if (engine !== undefined) expect(probed.engine).toBe(engine);
  else expect(probed.engine).not.toBe('unknown');
  expect(probed.signals?.concurrency ?? null).toBe(concurrency);
  if (problem !== undefined) expect(probed.problems.join('\n')).toContain(problem);
}

/** One page after the other, and the last one from then on. */
function printed({ everySeconds = 60, growing = {} }: ServeCase, files: readonly string[]): Printed {
  const texts = files.map(textOf);
  let read = 0;
  return (second) => {
    const page = texts[Math.min(Math.floor(second / everySeconds), texts.length - 1)]!;
    read++;
    return page.replaceAll(/^([^#\n].*?}?) (\d+)$/gm, (line, series: string, value: string) => {
      const grown = Object.entries(growing).find(([start]) => series.startsWith(start));
      return grown === undefined ? line : `${series} ${Number(value) + read * grown[1]}`;
    });
  };
}

function expectServed(wanted: ServeCase): void {
  const { pages, gateway, everySeconds, metric = 'concurrency', targetValue = 10 } = wanted;
  const metadata: Record<string, string> = { metric, targetValue: String(targetValue) };
  if (gateway !== undefined) metadata.gatewayService = 'gw';
  const status = statusesOf({
    ...(pages && { replica: printed(wanted, pages) }),
    ...(gateway && { gateway: printed(wanted, gateway) }),
    metadata,
    seconds: everySeconds === undefined ? 60 : Math.ceil(everySeconds * ((pages ?? gateway)!.length - 1)),
  }).at(-1)!;
  if (wanted.value !== undefined) {
    expect(status.metricValue).toBeGreaterThanOrEqual(wanted.value[0]);
    expect(status.metricValue).toBeLessThanOrEqual(wanted.value[1]);
  }
  if (wanted.boundsOfNow !== undefined) {
    expect(status.now).toEqual({ low: wanted.boundsOfNow[0], high: wanted.boundsOfNow[1] });
  }
  if (wanted.active !== undefined) expect(status.active).toBe(wanted.active);
}

describe.skipIf(!isThere)('pages of real servers under a known load', () => {
  it('are more than 20', () => expect(cases.probe.length + cases.serve.length).toBeGreaterThan(20));

  it.each(cases.probe)('$file', expectProbe);
  it.each(cases.serve)('$name', expectServed);
});
