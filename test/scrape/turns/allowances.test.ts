import { expect, it } from 'vitest';
import { Allowances } from '../../../src/scrape/turns/allowances.ts';

function begun(allowances: Allowances, nowMs: number, tenant = 'models'): number {
  let count = 0;
  for (; allowances.has(tenant, nowMs); count++) allowances.spend(tenant, nowMs);
  return count;
}

it('lets a tenant begin 64 at once and 4,000 a second, whoever else begins', () => {
  const allowances = new Allowances();
  expect(begun(allowances, 0)).toBe(64);
  expect(begun(allowances, 0, 'staging')).toBe(64);
  expect(begun(allowances, 10)).toBe(40);
  expect(begun(allowances, 60_000)).toBe(64);
});

it('does not count what belongs to nobody', () => {
  const allowances = new Allowances();
  for (let scrape = 0; scrape < 1000; scrape++) allowances.spend(undefined, 0);
  expect(allowances.has(undefined, 0)).toBe(true);
  expect(allowances.size).toBe(0);
});

it('forgets tenants that have begun nothing for a minute', () => {
  const allowances = new Allowances();
  for (let tenant = 0; tenant < 1000; tenant++) allowances.spend(`tenant-${tenant}`, 0);
  allowances.spend('models', 30_000);
  allowances.forget(60_000);
  expect(allowances.size).toBe(1001);
  allowances.forget(60_001);
  expect(allowances.size).toBe(1);
});
