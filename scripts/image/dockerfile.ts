/** One line of a Dockerfile, continuation lines joined. */
export interface Instruction {
  readonly name: string;
  /** What follows, `--flags` left out. */
  readonly text: string;
  readonly flags: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly name: string;
  /** The base image as written, variables and all. */
  readonly base: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile into its stages; what stands before the first `FROM` is left out. */
export function stagesOf(text: string): readonly Stage[] {
  const stages: { name: string; base: string; flags: Instruction['flags']; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === 'FROM') {
      const [base = '', , name = ''] = instruction.text.split(/\s+/);
      stages.push({ name: name || 'final', base, flags: instruction.flags, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

export function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const whole = lines.join('\n').replaceAll(/\s*\\\n\s*/g, ' ');
  return whole.split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [{ name, ...withoutFlags(rest!) }];
  });
}

function withoutFlags(rest: string): Omit<Instruction, 'name'> {
  const flags: Record<string, string> = {};
  let text = rest;
  for (let match = flagAt(text); match !== null; match = flagAt(text)) {
    flags[match[1]!] = match[2]!;
    text = text.slice(match[0].length);
  }
  return { flags, text };
}

function flagAt(text: string): RegExpExecArray | null {
  return /^--([a-z-]+)=(\S+)\s+/.exec(text);
}

/** The last word of a stage on something that is said once, such as `USER`. */
export function lastOf(stage: Stage, name: string): string | undefined {
  return stage.instructions.findLast((instruction) => instruction.name === name)?.text;
}

/** An instruction in exec form. Throws where it is in shell form, which would put a shell before the process. */
export function execForm(stage: Stage, name: string): readonly string[] {
  const text = lastOf(stage, name) ?? '[]';
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) throw new Error(`expected ${name} in exec form, found ${text}`);
  return words as string[];
}

/**
 * Whether a path of the build context is kept out of it. Knows plain paths, `*` and `!`, which is all that our
 * `.dockerignore` uses; throws for another pattern instead of guessing.
 */
export function isIgnored(ignoreFile: string, path: string): boolean {
  let ignored = false;
  for (const line of ignoreFile.split('\n')) {
    const pattern = line.trim();
    if (pattern === '' || pattern.startsWith('#')) continue;
    const name = pattern.replace(/^!/, '');
    if (name !== '*' && /[*?[\]]/.test(name))
      throw new Error(`.dockerignore: pattern ${pattern} is not understood here`);
    if (name === '*' || path === name || path.startsWith(`${name}/`)) ignored = !pattern.startsWith('!');
  }
  return ignored;
}
