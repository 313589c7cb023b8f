import type { VenvSpec } from '../install-venv.ts';

export const bentomlVenv: VenvSpec = { name: 'bentoml', packages: ['bentoml==1.4.40'], constraints: 'constraints.txt' };
