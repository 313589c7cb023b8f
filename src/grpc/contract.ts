import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import type { PackageDefinition, ServiceDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './generated/externalscaler.ts';

/** Where `proto/` may be, seen from this module: among the sources, beside a bundle, or inside its folder. */
const protoFolders = ['../../proto/', '../proto/', './proto/'] as const;

/** The services this server speaks, read from `proto/`. */
export interface Contract {
  readonly externalScaler: ProtoGrpcType['externalscaler']['ExternalScaler']['service'];
  readonly health: ServiceDefinition;
  readonly definition: PackageDefinition;
}

/** Reads the contract. Throws when `proto/` is not where the package keeps it. */
export function loadContract(): Contract {
  const files = ['externalscaler.proto', 'health.proto'].map(protoFile);
  // The types in `generated/` are made with the same options.
  const definition = loadSync(files, { longs: Number, enums: String, defaults: true, objects: true, arrays: true });
  const { externalscaler } = loadPackageDefinition(definition) as unknown as ProtoGrpcType;
  return {
    externalScaler: externalscaler.ExternalScaler.service,
    health: definition['grpc.health.v1.Health'] as ServiceDefinition,
    definition,
  };
}

/** Where a file of `proto/` lies. Throws when it is not where the package keeps it. */
export function protoFile(name: string): string {
  const candidates = protoFolders.map((folder) => fileURLToPath(new URL(`${folder}${name}`, import.meta.url)));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`expected ${name} at one of: ${candidates.join(', ')}`);
  return found;
}
