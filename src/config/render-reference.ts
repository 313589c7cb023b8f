import { activatorFields } from './activator/activator-fields.ts';
import type { FieldSchemas } from './field.ts';
import { referenceOf } from './field.ts';
import { engineChoices, gatewayChoices, triggerFields } from './metadata/trigger-fields.ts';
import { flagOf, variableOf } from './settings/flags.ts';
import { settingFields } from './settings/setting-fields.ts';

/** The table of every key of a trigger's metadata, and the presets' names, as Markdown. */
export function renderMetadataReference(): string {
  const rows = rowsOf(triggerFields, ({ name, form, defaultText, meaning }) => [name, form, defaultText, meaning]);
  return [
    table(['key', 'value', 'default', 'meaning'], rows),
    '',
    `Values of \`engine\`: ${codes(engineChoices)}.`,
    '',
    `Values of \`gatewayEngine\`: ${codes(gatewayChoices)}.`,
  ].join('\n');
}

/** The table of every setting of `serve`, as Markdown. */
export function renderSettingsReference(): string {
  return settingsTable(settingFields);
}

/** The table of every setting of `activator`, as Markdown. */
export function renderActivatorReference(): string {
  return settingsTable(activatorFields);
}

function settingsTable(fields: FieldSchemas): string {
  const rows = rowsOf(fields, ({ key, form, defaultText, meaning }) => {
    return [`\`${flagOf(key)}\``, `\`${variableOf(key)}\``, `\`${form}\``, defaultText, meaning];
  });
  return table(['flag', 'environment', 'value', 'default', 'meaning'], rows);
}

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly form: string;
  readonly defaultText: string;
  readonly meaning: string;
}

function rowsOf(fields: FieldSchemas, rowOf: (entry: Entry) => readonly string[]): (readonly string[])[] {
  return Object.entries(fields).map(([key, schema]) => {
    const { form, meaning, defaultText, required } = referenceOf(schema);
    const shownDefault = defaultText === undefined ? (required ? '**required**' : '–') : `\`${defaultText}\``;
    return rowOf({ key, name: `\`${key}\``, form, defaultText: shownDefault, meaning });
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
