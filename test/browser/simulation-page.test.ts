import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { simulate } from '../../src/commands/simulate.ts';
import { findChromium, startChromium } from './chromium.ts';

const executable = findChromium();
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = 'artifacts/simulate';

describe.skipIf(executable === undefined)('the page of a simulation in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulation-page-'));
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    const quiet = { log: () => undefined, error: () => undefined, progress: undefined };
    const flags = ['--duration', '30m', '--policy', 'ours,knative,hpa-waiting,static:replicas=3', '--html', file];
    expect(await simulate(flags, quiet)).toBe(0);
    browser = await startChromium(executable!);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(
    options: BrowserContextOptions,
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(file).href);
    return { page, complaints, requests };
  }

  const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [390, 1280].map((width) => ({ colorScheme, width })),
  );

  it.each(looks)('is accessible and loads nothing, $colorScheme, $width wide', async ({ colorScheme, width }) => {
    const { page, complaints, requests } = await open({ colorScheme, viewport: { width, height: 900 } });
    await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
    // The page forbids scripts from elsewhere, so that axe comes in past that rule.
    const found = await page.evaluate(`${axeSource}; axe.run(document, { resultTypes: ['violations'] })`);
    const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('says what lies under the pointer, and draws what is chosen', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 900 } });
    const plot = page.locator('#replicas svg');
    await plot.hover();
    await expect.poll(() => page.locator('.tip').textContent()).toMatch(/at \d+ min.*ours: \d+.*knative: \d+/);
    const lines = () => page.locator('#replicas path.series').count();
    expect(await lines()).toBe(4);
    await page.getByLabel('knative').uncheck();
    expect(await lines()).toBe(3);
  });

  it('can be printed', async () => {
    const { page } = await open({});
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.keys input').first().isVisible()).toBe(false);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
    await page.screenshot({ path: join(pictures, 'print.png'), fullPage: true });
  });
});
