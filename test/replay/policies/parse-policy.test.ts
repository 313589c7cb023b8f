import { expect, it } from 'vitest';
import { RequestMix } from '../../../src/replay/demand/request-mix.ts';
import type { Survey } from '../../../src/replay/demand/survey.ts';
import type { PolicyText } from '../../../src/replay/policies/parse-policy.ts';
import { makePolicy, parsePolicyList, policyNames } from '../../../src/replay/policies/parse-policy.ts';

const mix = new RequestMix();
mix.add({ promptTokens: 100, outputTokens: 100 });
const seen: Survey = {
  requests: 1,
  tooLarge: 0,
  spanMs: 4000,
  mix,
  target: { requests: 20, tokenMs: 50, firstTokenMs: 100 },
  arrivals: new Uint16Array(4),
  offered: Float64Array.from([10, 25, 45, 65]),
};

function listOf(text: string): readonly PolicyText[] {
  const parsed = parsePolicyList(text);
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.value;
}

const faultsOf = (text: string): readonly string[] => {
  const parsed = parsePolicyList(text);
  if (!parsed.ok) return parsed.faults;
  return parsed.value.flatMap((policy) => {
    const made = makePolicy(policy, seen);
    return made.ok ? [] : made.faults;
  });
};

it('takes a part with an equals sign for a setting of the policy before it', () => {
  const list = listOf('ours:targetValue=32,window=60s,knative,static:replicas=3');
  expect(list.map(({ kind, settings }) => [kind, [...settings.keys()]])).toEqual([
    ['ours', ['targetValue', 'window']],
    ['knative', []],
    ['static', ['replicas']],
  ]);
});

it('keeps an escaped comma and a colon inside a value', () => {
  const [policy] = listOf('ours:gatewayEndpoints=http://a:1/queue\\,http://b:1/queue');
  expect(policy!.settings.get('gatewayEndpoints')).toBe('http://a:1/queue,http://b:1/queue');
});

it('makes every policy there is without a setting', () => {
  expect(policyNames.length).toBeGreaterThan(14);
  for (const name of policyNames) expect(faultsOf(name), name).toEqual([]);
});

it.each([
  ['knativ', /^"knativ" is not a policy; did you mean "knative"\?/],
  ['best', /^"best" is not a policy; the policies are ours, static/],
  ['knative:target=', /policy knative: target value "" is empty/],
  ['knative:targt=5', /policy knative: "targt" is not a setting; did you mean "target"\?/],
  ['static:replicas=many', /policy static: replicas value "many" must be a whole number/],
  ['hpa-waiting:scrape=15', /policy hpa-waiting: scrape value "15" has no unit: write "15s"/],
  ['ours:targetValu=3', /policy ours: .*targetValu.*did you mean "targetValue"/],
  ['ours:pollingInterval=x', /policy ours: pollingInterval value "x" is not a duration/],
  ['ours:window=60s,window=30s', /"window" is given twice: keep one/],
  ['ours:window', /"window" is no setting: write key=value/],
])('says what is wrong with %s', (text, words) => {
  const faults = faultsOf(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(words);
});

it('sizes a fixed fleet by the share of seconds it is to carry', () => {
  const sizes = ['static-p99', 'static-p99:share=0.5', 'static:replicas=7'].map((text) => {
    const made = makePolicy(listOf(text)[0]!, seen);
    return made.ok ? made.value.initialReplicas : undefined;
  });
  expect(sizes).toEqual([4, 3, 7]);
});
