import { createHash } from 'node:crypto';
import { pageRules } from './page-rules.ts';

/** Colours of both schemes; every pair of text and ground has a contrast of at least 4.5 to 1. */
const colours = `
:root { color-scheme: light dark; --ground: #f7f7f5; --sheet: #ffffff; --text: #1d1d1b; --quiet: #5b5b56;
  --line: #dddcd6; --link: #0a549e; --active: #17663a; --idle: #5b5b56; --holding: #865000; --invalid: #a61b1b; }
@media (prefers-color-scheme: dark) { :root { --ground: #141518; --sheet: #1c1e22; --text: #e9e7e2; --quiet: #a9a7a0;
  --line: #34373d; --link: #8fbcf8; --active: #72d19b; --idle: #a9a7a0; --holding: #f2b860; --invalid: #ff958c; } }
`;

/** The whole style sheet of the status pages. */
export const styleSheet = `${colours}${pageRules}`;

/** What a status page may load and do: this style sheet, its own icon, and asking for another status page. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(styleSheet).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
