import type { Endings } from './endings.ts';
import type { VenvSpec } from './install-venv.ts';
import type { KedaClient } from './keda-client.ts';
import type { Scaler } from './scaler.ts';

/** What a scene plays on: one service for all scenes, and everything else for it alone. */
export interface Stage {
  readonly scaler: Scaler;
  readonly scratchDir: string;
  readonly endings: Endings;
  /** The interpreter of a virtual environment with these packages. */
  python(spec: VenvSpec): Promise<string>;
  /** Asks about a trigger as KEDA does. */
  keda(metadata: Readonly<Record<string, string>>): KedaClient;
  /** One thing to see: what `run` returns is printed beside the name. A failure ends the scene. */
  check(name: string, run: () => Promise<string | undefined>): Promise<void>;
}

/** Real servers under a load that is known, and what the service says of them. */
export interface Scene {
  readonly name: string;
  /** Played by `npm run test:real` as it is; the others where TEST_REAL=all, or where they are named. */
  readonly isUsual: boolean;
  readonly play: (stage: Stage) => Promise<void>;
}
