/** True when a request's `Accept` names HTML and likes nothing of ours better. A wildcard alone, as curl sends, is no wish. */
export function prefersHtml(accept: string | undefined): boolean {
  const html = weightOf(accept, 'text/html');
  return html > 0 && html >= weightOf(accept, 'application/json');
}

/** 0 to 1; 0 where the type is not named. */
function weightOf(accept: string | undefined, type: string): number {
  let weight = 0;
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [name, ...params] = range.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const quality = params.find((param) => param.startsWith('q='))?.slice(2) ?? '1';
    if (/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality)) weight = Math.max(weight, Number(quality));
  }
  return weight;
}
