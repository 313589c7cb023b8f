/** One JSON log line as people read it: time, level, logger, message, then `field=value`. */
export function consoleLine(jsonLine: string): string {
  const { time, level, logger, message, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const head = `${time} ${String(level).toUpperCase().padEnd(5)} ${logger}: ${message}`;
  const data = Object.entries(fields).map(([field, value]) => `${field}=${shown(value)}`);
  return `${[head, ...data].join(' ')}\n`;
}

/** Quoted where it could be taken for more than one word, or for something a terminal obeys. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : escaped(JSON.stringify(value));
}

function escaped(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028-\u202e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
