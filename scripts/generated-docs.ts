import {
  renderActivatorReference,
  renderMetadataReference,
  renderSettingsReference,
} from '../src/config/render-reference.ts';
import { renderPolicies, renderProfiles, renderSimulateFlags } from './simulate-reference.ts';

/** A page with a part that is made from a schema. */
export interface GeneratedDocument {
  readonly path: string;
  /** The part's name in its opening marker. */
  readonly part: string;
  readonly render: () => string;
}

export const documents: readonly GeneratedDocument[] = [
  { path: 'docs/trigger-metadata.md', part: 'metadata reference', render: renderMetadataReference },
  { path: 'docs/settings.md', part: 'settings reference', render: renderSettingsReference },
  { path: 'docs/scaling-from-zero.md', part: 'activator reference', render: renderActivatorReference },
  { path: 'docs/simulate.md', part: 'flags of simulate', render: renderSimulateFlags },
  { path: 'docs/simulate.md', part: 'profiles', render: renderProfiles },
  { path: 'docs/simulate.md', part: 'policies', render: renderPolicies },
];

const closing = '<!-- end of generated part -->';

/** The page's text with its generated part made anew. Throws where a marker is missing. */
export function withReference(text: string, { path, part, render }: GeneratedDocument): string {
  const { from, to } = boundsOf(text, part, path);
  return `${text.slice(0, from)}\n\n${render()}\n\n${text.slice(to)}`;
}

/** What stands between the markers now, without the blank lines around it. */
export function referenceIn(text: string, { path, part }: GeneratedDocument): string {
  const { from, to } = boundsOf(text, part, path);
  return text.slice(from, to).trim();
}

function boundsOf(text: string, part: string, path: string): { readonly from: number; readonly to: number } {
  const opening = `<!-- generated: ${part} -->`;
  const start = text.indexOf(opening);
  const to = text.indexOf(closing, start);
  if (start === -1 || to === -1) throw new Error(`${path} lacks the markers of its ${part}`);
  return { from: start + opening.length, to };
}
