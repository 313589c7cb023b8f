import { expect, it } from 'vitest';
import { gatewayNames, scaledGatewayNames } from '../../../src/presets/catalogue/preset-name.ts';
import { refusalOf } from '../../../src/presets/reading/page-role.ts';

const origin = { lastCandidate: true };

it.each(gatewayNames)('advises to scale on a page of %s only where that is possible', (name) => {
  const words = refusalOf(name, 'replica', origin);
  const isScaled = scaledGatewayNames.some((scaled) => scaled === name);
  expect(words).toContain(isScaled ? `set "engine" to "${name}"` : 'set "port" to the model server\'s');
  expect(words?.includes('"engine"')).toBe(isScaled);
});
