import type { FieldSchemas } from '../field.ts';
import { referenceOf } from '../field.ts';
import { flagOf, variableOf } from './flags.ts';

/** A command as its help describes it. */
export interface CommandHelp {
  /** What is typed before the flags: `keda-llm-scaler serve`. */
  readonly usage: string;
  readonly summary: string;
  readonly fields: FieldSchemas;
  /** Whether environment variables of the flags' names count too. */
  readonly readsEnvironment: boolean;
}

const lineWidth = 100;
const indent = '      ';

/** A command's `--help`: plain text, made from its flags' schema. Ends with a newline. */
export function renderHelp({ usage, summary, fields, readsEnvironment }: CommandHelp): string {
  const entries = Object.entries(fields).map(([name, schema]) => {
    const { form, meaning, defaultText, required } = referenceOf(schema);
    const notes = [
      required && 'required',
      defaultText !== undefined && `default ${defaultText}`,
      readsEnvironment && `environment ${variableOf(name)}`,
    ].filter((note) => note !== false);
    const text = meaning.replaceAll('`', '') + (notes.length > 0 ? ` (${notes.join('; ')})` : '');
    return `  ${`${flagOf(name)} ${form}`.trim()}\n${wrapped(text)}`;
  });
  return `Usage: ${usage} [flags]\n\n${summary}\n\nFlags:\n${entries.join('\n')}\n  --help\n${indent}Print this text.\n`;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}
