import { durationWithin } from '../../config/duration.ts';
import { optional } from '../../config/field.ts';
import { parseTriggerMetadata } from '../../config/metadata/parse-trigger-metadata.ts';
import type { Parsed } from '../../config/parsed.ts';
import { read, refuse } from '../../config/parsed.ts';
import { wholeNumberWithin } from '../../config/quantity.ts';
import type { Policy } from '../autoscaler.ts';
import type { Survey } from '../demand/survey.ts';
import type { OurScaledObject } from '../ours/ours.ts';
import { Ours } from '../ours/ours.ts';
import { gatewayUrl } from '../ours/simulated-world.ts';
import { targetFor } from './policy-catalogue.ts';

const longest = 24 * 3_600_000;
const span = (meaning: string) => optional(durationWithin(0, longest), { form: 'duration', meaning });

/** What of the ScaledObject may be set beside the trigger's metadata, as the examples set it. */
export const scaledObjectFields = {
  pollingInterval: span("KEDA's polling interval. Without it: 5s."),
  cooldownPeriod: span('How long inactive before the last replica goes. Without it: 5m.'),
  scaleUpWindow: span("The HPA's stabilization window upwards. Without it: 0s."),
  scaleDownWindow: span('And downwards. Without it: 5m.'),
  scaleDownPercent: optional(wholeNumberWithin(1, 100), {
    form: 'number',
    meaning: 'At most so many per cent fewer in a minute. Without it: 100.',
  }),
};

interface ScaledObjectValues {
  readonly pollingInterval: number | undefined;
  readonly cooldownPeriod: number | undefined;
  readonly scaleUpWindow: number | undefined;
  readonly scaleDownWindow: number | undefined;
  readonly scaleDownPercent: number | undefined;
}

/** This scaler with any metadata a trigger may have; the gateway in front is one that counts what it holds. */
export function ourPolicy(
  name: string,
  metadata: ReadonlyMap<string, string>,
  values: ScaledObjectValues,
  survey: Survey,
): Parsed<Policy> {
  const whole = {
    scalerAddress: 'in-process:6000',
    targetValue: String(targetFor(undefined, survey)),
    gatewayEndpoints: gatewayUrl,
    gatewayEngine: 'keda-http',
    ...Object.fromEntries(metadata),
  };
  const parsed = parseTriggerMetadata(whole);
  if (!parsed.ok) return refuse(...parsed.faults);
  const scaledObject = scaledObjectOf(whole, values);
  const rule = `this scaler: ${parsed.value.metric} over ${parsed.value.targetValue} a replica`;
  return read({ name, rule, leastReplicas: 0, create: () => new Ours(scaledObject) });
}

function scaledObjectOf(metadata: Readonly<Record<string, string>>, values: ScaledObjectValues): OurScaledObject {
  const cooldownPeriodMs = values.cooldownPeriod ?? 300_000;
  return {
    triggers: [{ type: 'external-push', metadata }],
    pollingIntervalMs: values.pollingInterval ?? 5000,
    cooldownPeriodMs,
    // The service ran before the trace begins: a first poll that sees nothing yet must not end it.
    initialCooldownPeriodMs: cooldownPeriodMs,
    behavior: {
      scaleUp: { stabilizationWindowSeconds: (values.scaleUpWindow ?? 0) / 1000 },
      scaleDown: {
        stabilizationWindowSeconds: (values.scaleDownWindow ?? 300_000) / 1000,
        policies: [{ type: 'Percent', value: values.scaleDownPercent ?? 100, periodSeconds: 60 }],
      },
    },
  };
}
