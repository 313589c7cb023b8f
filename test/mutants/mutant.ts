/** One line of the sources, broken. */
export interface Mutant {
  /** Below the package's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A mutant with the promise that it breaks, and the tests that have to notice. */
export interface BrokenPromise extends Mutant {
  readonly promise: string;
  /** Folders or files below `test`; left out, those of the file's room. */
  readonly tests?: readonly string[];
}

/** A mutant that no test can notice, and why. */
export interface HarmlessMutant extends Mutant {
  readonly because: string;
}

/** Besides the folder of its own name: where what a room does is tested, too. */
const alsoTestedIn: Readonly<Record<string, readonly string[]>> = {
  aggregation: ['test/aggregation', 'test/triggers'],
  decision: ['test/decision', 'test/triggers'],
};

/** The tests of the room that a file is in; for one folder of a room, those of that folder. */
export function testsOf({ file }: Mutant): readonly string[] {
  const [, room = '', folder = ''] = file.split('/');
  if (room === 'config' || room === 'scrape')
    return folder.endsWith('.ts') ? [`test/${room}`] : [`test/${room}/${folder}`];
  return alsoTestedIn[room] ?? [`test/${room}`];
}
