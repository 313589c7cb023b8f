import type { Location, TriggerMetadata } from '../config/metadata/trigger-metadata.ts';

const mostModels = 5;

/**
 * What of the metadata tells this trigger from others of the same ScaledObject and metric, in words; `undefined` where
 * it counts everything its scale target's replicas say.
 */
export function scopeOf({ models, location, engine }: TriggerMetadata): string | undefined {
  const parts = [modelsWords(models), locationWords(location), engine.kind === 'preset' ? `engine ${engine.name}` : ''];
  const known = parts.filter((part) => part !== '').join('; ');
  return known === '' ? undefined : known;
}

function modelsWords(models: readonly string[] | undefined): string {
  if (models === undefined) return '';
  const left = models.length - mostModels;
  const names = models.slice(0, mostModels).join(', ');
  return `model ${names}${left > 0 ? ` and ${left} more` : ''}`;
}

function locationWords(location: Location): string {
  switch (location.kind) {
    case 'scale-target':
      return '';
    case 'service':
      return `service ${location.service}`;
    case 'dns':
      return `dns ${location.hostName}`;
    case 'endpoints':
      return location.urls.length === 1 ? `endpoint ${location.urls[0]}` : `${location.urls.length} endpoints`;
  }
}
