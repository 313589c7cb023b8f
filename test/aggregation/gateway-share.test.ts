import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { GatewayLoad } from '../../src/aggregation/gateway-load.ts';
import type { GatewaySide } from '../../src/aggregation/gateway-share.ts';
import { isServedBySomebody, shareOfGateway } from '../../src/aggregation/gateway-share.ts';

const gateway = (held: number, inFlight: number): GatewayLoad => ({
  state: 'read',
  held,
  inFlight,
  unknown: 0,
  isGivenUp: false,
});
const side = (engines: number, readyReplicas: number): GatewaySide => ({ engines, readyReplicas });

it.each([
  ['alone it has all of it', gateway(3, 40), side(0, 2), [], 3, 40],
  ['what its engines have is its own', gateway(0, 40), side(30, 3), [side(10, 1)], 0, 30],
  ['what no engine has is shared by ready replicas', gateway(4, 44), side(30, 3), [side(10, 1)], 3, 33],
  [
    'a side without ready replicas gets nothing while another has some',
    gateway(4, 44),
    side(0, 0),
    [side(40, 1)],
    0,
    0,
  ],
  ['where nobody is ready, all get the same', gateway(4, 2), side(0, 0), [side(0, 0)], 2, 1],
  ['engines that have more than the gateway counts keep it', gateway(0, 10), side(30, 3), [side(10, 1)], 0, 30],
])('%s', (_name, whole, own, others, held, inFlight) => {
  expect(shareOfGateway(whole, own, others)).toEqual({ ...whole, held, inFlight });
});

it('hands out all that is held and in flight, and none of it twice', () => {
  const aSide = fc.record({ engines: fc.nat(50), readyReplicas: fc.nat(5) });
  const property = fc.property(
    fc.array(aSide, { minLength: 2, maxLength: 5 }),
    fc.nat(40),
    fc.nat(300),
    (sides, held, more) => {
      const inFlight = sides.reduce((sum, { engines }) => sum + engines, 0) + more;
      const shares = sides.map((own, place) => shareOfGateway(gateway(held, inFlight), own, sides.toSpliced(place, 1)));
      expect(shares.reduce((sum, share) => sum + share.held, 0)).toBeCloseTo(held);
      expect(shares.reduce((sum, share) => sum + share.inFlight, 0)).toBeCloseTo(inFlight);
    },
  );
  fc.assert(property);
});

it('knows whether anybody serves', () => {
  expect(isServedBySomebody(side(0, 1), [])).toBe(false);
  expect(isServedBySomebody(side(0, 0), [side(0, 1)])).toBe(true);
  expect(isServedBySomebody(side(0, 0), [side(0, 0)])).toBe(false);
});
