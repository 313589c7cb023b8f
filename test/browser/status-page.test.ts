import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startPages } from '../fakes/admin-pages.ts';
import { endpointStatus, holdingStatus, statuses, triggerStatus } from '../fakes/trigger-status.ts';
import { findChromium, startChromium } from './chromium.ts';
import type { Stage } from './stage.ts';
import { hostile, openStage } from './stage.ts';

const executable = findChromium();
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = 'artifacts/status';
const phone = { width: 390, height: 844 };
const desk = { width: 1280, height: 800 };

const hostilePath = `/status/${encodeURIComponent('tenant-<b>"')}/${encodeURIComponent(hostile.name)}`;
const paths = {
  overview: '/status',
  'partly-read': '/status/models/llama-3-70b-instruct',
  holding: '/status/models/mixtral',
  invalid: '/status/models/gone',
  refused: '/status/models/typo',
  'at-zero': '/status/chat/at-zero',
  idle: '/status/models/qwen-7b',
  hostile: hostilePath,
  'not-followed': '/status/models/qwen-7',
} as const;

/** What a page did besides being shown. */
interface Watched {
  readonly page: Page;
  readonly requests: string[];
  readonly complaints: string[];
}

describe.skipIf(executable === undefined)(
  'the status page in Chromium (set CHROMIUM where it is not on the path)',
  () => {
    let browser: Browser;
    let stage: Stage;

    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true });
      [browser, stage] = await Promise.all([startChromium(executable!), openStage()]);
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    async function open(path: string, options: BrowserContextOptions = { viewport: desk }): Promise<Watched> {
      const context = await browser.newContext(options);
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const watched: Watched = { page, requests: [], complaints: [] };
      page.on('request', (request) => watched.requests.push(request.url()));
      page.on('console', (message) => watched.complaints.push(message.text()));
      page.on('pageerror', (error) => watched.complaints.push(String(error)));
      const url = path.startsWith('http') ? path : stage.url + path;
      const answer = await page.goto(url);
      expect(answer?.headers()['content-type']).toBe('text/html; charset=utf-8');
      return watched;
    }

    const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
      [phone, desk].flatMap((viewport) =>
        Object.entries(paths).map(([name, path]) => ({ name, path, colorScheme, viewport, width: viewport.width })),
      ),
    );

    it.each(looks)('$name is accessible and keeps to itself, $colorScheme, $width wide', async (look) => {
      const { name, path, colorScheme, viewport } = look;
      const { page, requests, complaints } = await open(path, { colorScheme, viewport });
      await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${viewport.width}.png`, fullPage: true });
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([stage.url + path]);
      // The browser's own line on an answer of 404 is no complaint about the page.
      expect(complaints.filter((words) => !words.includes('status of 404'))).toEqual([]);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    });

    it('looked at every page in both schemes at both widths', () => expect(looks).toHaveLength(9 * 4));

    it.each(Object.entries(paths))('%s needs no sideways scrolling at 320 pixels', async (_name, path) => {
      const { page } = await open(path, { viewport: { width: 320, height: 600 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    });

    it('shows hostile names as text and runs none of them', async () => {
      for (const path of [paths.overview, hostilePath]) {
        const { page } = await open(path);
        expect(await page.evaluate('window.harmed')).toBeUndefined();
        expect(await page.locator('script, img, iframe, object').count()).toBe(0);
        expect(await page.locator('style').count()).toBe(1);
        expect(await page.locator('body').textContent()).toContain(hostile.name);
      }
      const { page } = await open(hostilePath);
      expect(await page.title()).toContain('window.harmed=1</script>');
      const shown = await page.locator('body').textContent();
      expect(shown).toContain('</bdi></td><script>window.harmed=1</script>\\u{202e}gnp.exe\\u{200b}\\u{7}');
    });

    it('would run no script even if one came in', async () => {
      const { page, complaints } = await open(paths.overview);
      await page.evaluate(
        `document.body.append(Object.assign(document.createElement('script'), { text: 'window.harmed = 1' }))`,
      );
      expect(await page.evaluate('window.harmed')).toBeUndefined();
      expect(complaints.join()).toContain('Content Security Policy');
    });

    it('says the same to a screen reader on a phone as on a desk', async () => {
      const roles = [
        'table',
        'row',
        'columnheader',
        'rowheader',
        'cell',
        'heading',
        'link',
        'main',
        'navigation',
      ] as const;
      const counted = async (viewport: typeof phone) => {
        const { page } = await open(paths['partly-read'], { viewport });
        return Promise.all(roles.map((role) => page.getByRole(role).count()));
      };
      const onDesk = await counted(desk);
      expect(await counted(phone)).toEqual(onDesk);
      expect(Math.min(...onDesk)).toBeGreaterThan(0);
    });

    it('has the state in its title', async () => {
      const titleOf = async (path: string) => (await open(path)).page.title();
      expect(await titleOf(paths.overview)).toBe('1 refused, 3 of 7 need attention · keda-llm-scaler');
      expect(await titleOf(paths.holding)).toBe('Holding: models/mixtral · keda-llm-scaler');
      expect(await titleOf(paths['partly-read'])).toBe(
        'Active, with warnings: models/llama-3-70b-instruct · keda-llm-scaler',
      );
    });

    it('is walked by keyboard alone: past the header, through every control, to a trigger and back', async () => {
      const { page } = await open(paths.overview);
      await page.keyboard.press('Tab');
      expect(await focused(page)).toMatchObject({ text: 'Skip to content', isSeen: true });
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      const controls = await page.locator('main a, main select, main input:not([type=hidden]), main button').count();
      const seen: string[] = [];
      for (let step = 0; step < controls; step++) {
        await page.keyboard.press('Tab');
        const { text, isSeen, isInMain } = await focused(page);
        expect({ text, isSeen, isInMain }).toEqual({ text, isSeen: true, isInMain: true });
        seen.push(text);
      }
      expect(seen.length).toBeGreaterThan(14);
      await page.getByRole('link', { name: 'models/mixtral' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL('**/status/models/mixtral');
      await page.getByRole('link', { name: 'All triggers' }).press('Enter');
      await page.waitForURL('**/status');
    });

    it('finds by name and namespace, by state, and over the breadcrumb, without a script', async () => {
      const { page } = await open(paths.overview, { viewport: desk, javaScriptEnabled: false });
      const names = () => page.getByRole('rowheader').getByRole('link').allInnerTexts();
      await page.getByLabel('Name contains').fill('llama');
      await page.keyboard.press('Enter');
      await page.waitForURL('**name=llama**');
      expect(await names()).toEqual(['models/llama-3-70b-instruct', 'models/llama-3-70b-instruct']);
      await page.getByLabel('Name contains').fill('');
      await page.getByLabel('Namespace').selectOption('chat');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.waitForURL('**namespace=chat**');
      expect(await names()).toEqual(['chat/at-zero']);
      await page.goto(stage.url + paths.overview);
      await page.getByRole('link', { name: 'Holding' }).click();
      await page.waitForURL('**show=holding**');
      expect(await names()).toEqual(['models/mixtral']);
      await page.getByRole('link', { name: 'models/mixtral' }).click();
      await page.getByRole('link', { name: 'models', exact: true }).click();
      await page.waitForURL('**/status?namespace=models');
      expect(await names()).toHaveLength(6);
      expect(await names()).toContain('models/typo');
    });

    it('asks for itself again only where that was wished', async () => {
      const { page, requests } = await open('/status?refresh=1');
      await expect
        .poll(() => requests.filter((url) => url.startsWith('http')).length, { timeout: 10_000 })
        .toBeGreaterThan(2);
      await page.getByRole('link', { name: 'Stop refreshing' }).click();
      await page.waitForURL((url) => !url.search.includes('refresh'));
      expect(await page.locator('meta[http-equiv]').count()).toBe(0);
      await page.getByRole('link', { name: 'Refresh every 5 s' }).click();
      await page.waitForURL('**refresh=5');
    });

    it('shows a thousand triggers a page at a time, and a thousand endpoints up to a limit', async () => {
      const endpoints = Array.from({ length: 1000 }, (_, at) =>
        endpointStatus({ name: `llama-${at}`, url: undefined }),
      );
      const triggers = Array.from({ length: 1000 }, (_, at) => {
        const scaledObject = `llama-${String(at).padStart(4, '0')}`;
        return at % 100 === 0 ? holdingStatus({ scaledObject }) : triggerStatus({ scaledObject, endpoints });
      });
      const server = await startPages({ status: () => statuses(...triggers) });
      const { page, complaints } = await open(`http://${server.address}/status`);
      await page.screenshot({ path: `${pictures}/thousand-light-${desk.width}.png` });
      expect(await page.getByRole('rowheader').count()).toBe(100);
      expect(await page.getByRole('rowheader').first().textContent()).toContain('models/llama-0000');
      expect(await page.getByRole('rowheader').nth(1).textContent()).toContain('models/llama-0100');
      expect(await page.getByText('1 to 100 of 1000 triggers').count()).toBe(1);
      await page.getByRole('link', { name: 'Next page' }).click();
      await page.waitForURL('**page=2');
      expect(await page.getByText('101 to 200 of 1000 triggers').count()).toBe(1);
      expect(await violations(page)).toEqual([]);
      await page.goto(`http://${server.address}/status/models/llama-0001`);
      expect(await page.getByText('1000 endpoints, those that can’t be read first; 800 are left out').count()).toBe(1);
      expect(complaints).toEqual([]);
    });
  },
);

/** What axe finds, rule by rule, with the first element of each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes[0].html + ' ' + nodes[0].failureSummary))`);
}

interface Focused {
  readonly text: string;
  /** Has an outline, and a place on the page. */
  readonly isSeen: boolean;
  readonly isInMain: boolean;
}

function focused(page: Page): Promise<Focused> {
  return page.evaluate(`(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { width, height, left } = element.getBoundingClientRect();
    const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    return {
      text: element.innerText || element.name,
      isSeen: hasOutline && width > 0 && height > 0 && left >= 0,
      isInMain: element.closest('main') !== null,
    };
  })()`);
}
