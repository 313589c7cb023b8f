import type { AdminPage, Asked } from './admin-page.ts';
import { textPage } from './admin-page.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words. */
  readonly why: string | undefined;
  readonly uptimeSeconds: number;
}

/** A page of an admin server, or a page and all that lies below it. */
export interface AdminRoute {
  /** Begins with a slash and ends without one. */
  readonly path: string;
  /** Whether it answers for what lies below its path, too. */
  readonly hasBelow?: boolean;
  /** What `/` lists of it: paths, and what is there. */
  readonly listed: readonly (readonly [path: string, meaning: string])[];
  /** What it throws is answered with 500 and no details. */
  answer(asked: Asked, readiness: Readiness): AdminPage | Promise<AdminPage>;
}

const longestPath = 1024;
const pathWidth = 28;

/** The page that is asked for, of the first route that has it. Throws only what a route does. */
export async function pageAt(
  { url, accept }: Omit<Asked, 'path'>,
  routes: readonly AdminRoute[],
  readiness: Readiness,
): Promise<AdminPage> {
  const path = url.split(/[?#]/, 1)[0]!;
  if (path.length > longestPath) return textPage(414, `expected a path of at most ${longestPath} characters`);
  if (path === '/') return textPage(200, routes.flatMap(({ listed }) => listed.map(lineOf)).join(''));
  const route = routes.find(({ path: own, hasBelow }) => path === own || (hasBelow && path.startsWith(`${own}/`)));
  if (route === undefined) return textPage(404, 'no such page on this address; / lists them');
  return await route.answer({ url, path, accept }, readiness);
}

function lineOf([path, meaning]: readonly [string, string]): string {
  return `${path.padEnd(pathWidth)} ${meaning}\n`;
}
