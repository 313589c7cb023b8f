import type { Html } from './html.ts';
import { html } from './html.ts';
import type { TriggerState } from './trigger-state.ts';

export type Mark = TriggerState | 'warning';

const words: Readonly<Record<Mark, string>> = {
  invalid: 'Invalid',
  holding: 'Holding',
  active: 'Active',
  idle: 'Idle',
  warning: 'Warning',
};

export function markWords(mark: Mark): string {
  return words[mark];
}

/** A shape for each state, so that none is told by colour alone. */
const shapes: Readonly<Record<Mark, Html>> = {
  invalid: html`<path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" stroke-width="3"/>`,
  holding: html`<path d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z" fill="currentColor"/>`,
  active: html`<circle cx="8" cy="8" r="6.5" fill="currentColor"/>`,
  idle: html`<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2"/>`,
  warning: html`<path d="M8 1.5L15.5 14.5H.5z" fill="currentColor"/>`,
};

/** A state as shape and word. */
export function stateMark(mark: Mark, text: string = words[mark]): Html {
  return html`<span class="state ${mark}"><svg viewBox="0 0 16 16" aria-hidden="true">${shapes[mark]}</svg>${text}</span>`;
}

const iconColours: Readonly<Record<Mark, string>> = {
  invalid: '#d0342c',
  holding: '#c77700',
  active: '#2a8f57',
  idle: '#7d7d78',
  warning: '#c77700',
};

/** The same shape as the page's icon in a tab, a `data:` URL. */
export function stateIcon(mark: Mark): string {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" color="${iconColours[mark]}">${shapes[mark]}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}
