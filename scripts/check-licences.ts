import { readFileSync } from 'node:fs';
import { unfitLicences } from './licences.ts';

/** Fails where a package that is shipped has a licence that does not go with ours. */
const unfit = unfitLicences(JSON.parse(readFileSync('package-lock.json', 'utf8')));
for (const { name, licence } of unfit) console.error(`${name}: ${licence ?? 'no licence stated'}`);
if (unfit.length > 0) process.exitCode = 1;
else console.log('all shipped packages have permissive licences');
