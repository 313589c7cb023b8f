import type { Page } from '../../exposition/page.ts';
import { canonicalName } from '../../exposition/page.ts';
import { nearNames } from '../detection/near-names.ts';
import type { CustomFamilies, CustomFamily } from '../engine-selection.ts';
import type { SignalsOutcome } from '../signals-outcome.ts';
import { absentSignals } from '../signals-outcome.ts';
import { chooseModels, everyModel } from './model-filter.ts';
import { wordList } from './page-words.ts';
import type { Matcher, Part } from './quantity.ts';
import { inBothSpellings } from './quantity.ts';
import type { QuantitySource, Total } from './read-quantity.ts';
import { readCounter, readGauge } from './read-quantity.ts';

/** Labels that servers keep the name of a model in, the commonest first. */
const modelLabels = ['model_name', 'model', 'model_id'];

/** What is known of a server that nobody knows. */
const anyServer = { title: 'this server', kind: 'engine', severalModels: true } as const;

/** Canonical names of all samples that reading needs. */
export function familiesOfCustom(custom: CustomFamilies): readonly string[] {
  const { running, waiting, requests } = custom;
  const gauges = [running, waiting].filter((selector) => selector !== undefined).map(partOf);
  return [...gauges, ...requestParts(requests)].flatMap((part) => part.names);
}

/**
 * Reads the families that a user named. One that is not on the page makes its quantity absent, with a problem. Of a
 * gateway what waits may be all that is to be known: requests that no replica has yet.
 */
export function readCustomSignals(
  page: Page,
  custom: CustomFamilies,
  models?: readonly string[],
  role: 'replica' | 'gateway' = 'replica',
): SignalsOutcome {
  if (page.format === 'json') {
    const message = 'expected a text page with the families of engine: custom, found JSON';
    return { ok: false, failure: 'wrong-engine', message };
  }
  const names = new Set(familiesOfCustom(custom));
  if (![...names].some((name) => page.declared.has(name)) && !page.samples.some(({ name }) => names.has(name))) {
    return { ok: false, failure: 'wrong-engine', message: noneOf(custom, page) };
  }
  const label = modelLabels.find((name) =>
    page.samples.some((sample) => names.has(sample.name) && sample.labels[name]),
  );
  const onPage = label === undefined ? [] : valuesOf(page, label, names);
  const rules = { ...anyServer, modelLabels: label === undefined ? modelLabels : [label] };
  const own = page.samples.filter(({ name }) => names.has(name));
  const choice = models === undefined ? undefined : chooseModels({ ...page, samples: own }, rules, models);
  if (choice?.none === true)
    return { ok: true, signals: { ...absentSignals, models: onPage, problems: choice.problems } };
  const problems = [...(choice?.problems ?? [])];
  const source: QuantitySource = { page, preset: {}, filter: choice?.filter ?? everyModel, problems };
  const requestsTotal = readCounter(source, requestParts(custom.requests));
  const running = readFamily(source, custom.running, requestsTotal);
  const waiting = readFamily(source, custom.waiting, requestsTotal);
  const waitingIsAll = role === 'gateway' && custom.running === undefined;
  if (custom.running === undefined && !waitingIsAll) {
    problems.push('running and concurrency are not known: runningMetric is not set');
  }
  const both = custom.waiting === undefined ? running.value : sumOrAbsent(running.value, waiting.value);
  const concurrency = waitingIsAll ? waiting.value : both;
  const inferred = running.inferred || waiting.inferred;
  const partial = running.partial || waiting.partial;
  const read = { running: running.value, waiting: waiting.value, concurrency, requestsTotal, inferred, partial };
  return { ok: true, signals: { ...absentSignals, ...read, models: onPage, problems } };
}

function sumOrAbsent(running: number | undefined, waiting: number | undefined): number | undefined {
  return running === undefined || waiting === undefined ? undefined : running + waiting;
}

function readFamily(
  source: QuantitySource,
  selector: CustomFamily | undefined,
  requestsTotal: number | undefined,
): Total {
  if (selector === undefined) return { value: undefined, inferred: false, partial: false };
  const part = partOf(selector);
  const { page } = source;
  const isSampled = page.samples.some(({ name }) => name === part.names[0]);
  if (!isSampled && !page.declared.has(part.names[0]!)) {
    source.problems.push(notPrinted(page, selector.family));
    return { value: undefined, inferred: false, partial: false };
  }
  // A page with other series of the family proves that the family is kept, so a zero is inferred without any only.
  return readGauge(source, [part], () => !isSampled && requestsTotal === 0);
}

/** A page with none of the families is another one's. */
function noneOf({ running, waiting, requests }: CustomFamilies, page: Page): string {
  const named = [running, waiting, requests].filter((selector) => selector !== undefined);
  return named.map(({ family }) => notPrinted(page, family)).join('; ');
}

function notPrinted(page: Page, family: string): string {
  const near = nearNames(canonicalName(family), [...page.declared.keys(), ...page.samples.map(({ name }) => name)]);
  const hint = near.length > 0 ? `; similar names on it: ${wordList(near)}` : '';
  return `${family} is not on this page${hint}`;
}

function partOf({ family, labels }: CustomFamily): Part {
  const matchers = Object.entries(labels).map(([label, value]): Matcher => ({ label, test: 'equals', value }));
  return { names: [canonicalName(family)], written: family, optional: false, sign: 1, matchers };
}

function requestParts(requests: CustomFamily | undefined): readonly Part[] {
  return requests === undefined ? [] : [inBothSpellings(partOf(requests))];
}

function valuesOf(page: Page, label: string, names: ReadonlySet<string>): readonly string[] {
  const values = page.samples.filter(({ name }) => names.has(name)).map(({ labels }) => labels[label] ?? '');
  return [...new Set(values)].filter((value) => value !== '');
}
