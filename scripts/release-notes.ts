import { readFileSync } from 'node:fs';
import { sectionOf } from './changelog.ts';

/** Prints what the changelog says of a version: node scripts/release-notes.ts 1.2.3 */
const version = process.argv[2];
if (version === undefined) {
  console.error('usage: release-notes VERSION');
  process.exit(2);
}
const notes = sectionOf(readFileSync('CHANGELOG.md', 'utf8'), version);
if (notes === undefined) {
  console.error(
    `CHANGELOG.md has no section "## ${version}": name the version, and what is new in it, before the release`,
  );
  process.exit(1);
}
console.log(notes);
