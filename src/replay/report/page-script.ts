/**
 * What draws the page's plots: plain DOM and SVG, no library, so that the page is whole in itself. It reads the
 * comparison from the page. Kept as text, for it runs in the reader's browser.
 */
export const pageScript = `
const data = JSON.parse(document.getElementById('data').textContent);
const NS = 'http://www.w3.org/2000/svg';
const dashes = ['', '7 4', '2 3', '10 3 2 3'];
const colour = (i) => 'var(--s' + (i % 8) + ')';
const dash = (i) => dashes[Math.floor(i / 8) % 4];
const shown = data.policies.map((_, i) => i < 5);
const el = (name, attributes, parent, text) => {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
};
const tip = document.createElement('div');
tip.className = 'tip'; tip.hidden = true; tip.setAttribute('role', 'status');
document.body.append(tip);
const say = (event, lines) => {
  tip.replaceChildren(...lines.map((line) => { const p = document.createElement('div'); p.textContent = line; return p; }));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.min(event.clientX + 14, innerWidth - box.width - 8) + 'px';
  tip.style.top = Math.max(8, event.clientY - box.height - 10) + 'px';
};
const hush = () => { tip.hidden = true; };
const number = (v, d = 2) => v === null || v === undefined ? '–' : Number(v.toFixed(d)).toLocaleString('en');
const span = (s) => { const d = Math.floor(s / 86400), h = Math.floor(s % 86400 / 3600), m = Math.floor(s % 3600 / 60);
  return d > 0 ? d + ' d ' + h + ' h' : h > 0 ? h + ' h ' + m + ' min' : m + ' min ' + Math.floor(s % 60) + ' s'; };
const ticks = (low, high, about = 5) => {
  const raw = (high - low) / about || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw) ?? raw;
  const all = []; for (let v = Math.ceil(low / step) * step; v <= high + step / 1e6; v += step) all.push(v);
  return all;
};
const timeTicks = (seconds) => {
  const step = [60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800].find((s) => seconds / s <= W / 120) ?? 1209600;
  const all = []; for (let v = 0; v <= seconds; v += step) all.push(v);
  return all;
};
let W = 1100;
const H = 260, L = 64, R = 12, T = 10, B = 30;
function frame(id, h = H) {
  const host = document.getElementById(id); host.replaceChildren();
  // One unit is one pixel, so that words keep their size on a phone and in print.
  W = Math.max(300, host.clientWidth);
  return el('svg', { viewBox: '0 0 ' + W + ' ' + h, role: 'img', 'aria-label': host.dataset.label }, host);
}
function timePlot(id, seriesOf, options) {
  const svg = frame(id), seconds = data.spanSeconds;
  const x = (s) => L + (W - L - R) * s / seconds;
  const series = seriesOf();
  let top = options.least; for (const s of series) for (const [, v] of s.points) if (v !== null && v > top) top = v;
  const log = options.log, low = log ? options.low : 0;
  const y = (v) => { const share = log ? Math.log(Math.max(v, low) / low) / Math.log(top / low) : v / top;
    return H - B - (H - B - T) * Math.min(1, share); };
  const marks = log ? [0.01, 0.1, 1, 10, 100, 1000, 10000].filter((v) => v >= low && v <= top * 1.01) : ticks(0, top);
  for (const v of marks) {
    el('line', { class: 'axis', x1: L, x2: W - R, y1: y(v), y2: y(v) }, svg);
    el('text', { x: L - 8, y: y(v) + 4, 'text-anchor': 'end' }, svg, number(v) + options.unit);
  }
  for (const s of timeTicks(seconds)) el('text', { x: x(s), y: H - 8, 'text-anchor': 'middle' }, svg, s === 0 ? '0' : span(s).replace(/ 0 (h|min|s)$/, ''));
  if (options.rule !== undefined && options.rule <= top) el('line', { class: 'rule', x1: L, x2: W - R, y1: y(options.rule), y2: y(options.rule) }, svg);
  for (const s of series) {
    let path = '', open = false, before;
    for (const [t, v] of s.points) {
      if (v === null) { open = false; continue; }
      path += open ? (options.steps ? 'H' + x(t).toFixed(1) + 'V' + y(v).toFixed(1) : 'L' + x(t).toFixed(1) + ' ' + y(v).toFixed(1)) : 'M' + x(t).toFixed(1) + ' ' + y(v).toFixed(1);
      open = true; before = v;
    }
    if (s.area) path += 'L' + x(s.points.at(-1)[0]).toFixed(1) + ' ' + (H - B) + 'L' + L + ' ' + (H - B) + 'Z';
    el('path', { class: s.area ? 'area' : 'series', d: path, stroke: s.colour ?? '', 'stroke-dasharray': s.dash ?? '' }, svg);
  }
  const line = el('line', { class: 'hover', y1: T, y2: H - B, visibility: 'hidden' }, svg);
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect(), at = ((event.clientX - box.left) / box.width * W - L) / (W - L - R) * seconds;
    if (at < 0 || at > seconds) { hush(); line.setAttribute('visibility', 'hidden'); return; }
    line.setAttribute('x1', x(at)); line.setAttribute('x2', x(at)); line.setAttribute('visibility', 'visible');
    const lines = ['at ' + span(at)];
    for (const s of series) {
      let found; for (const p of s.points) { if (p[0] > at) break; found = p; }
      lines.push(s.name + ': ' + (found === undefined || found[1] === null ? '–' : number(found[1]) + options.unit));
    }
    say(event, lines);
  });
  svg.addEventListener('pointerleave', () => { hush(); line.setAttribute('visibility', 'hidden'); });
}
const visible = (of) => data.policies.flatMap((p, i) => shown[i] ? [{ name: p.name, colour: colour(i), dash: dash(i), points: p.timeline[of].map((v, at) => [at * data.load.pointSeconds, v]) }] : []);
function costPlot() {
  const h = 340, svg = frame('cost', h);
  const points = [...data.policies, ...data.frontier];
  const low = Math.min(...points.map((p) => p.gpuHours)) * 0.9 || 0.1, high = Math.max(...points.map((p) => p.gpuHours)) * 1.1;
  const x = (v) => L + (W - L - R) * Math.log(v / low) / Math.log(high / low);
  // Nines: the last per cent is what people pay for.
  const nines = (a) => -Math.log10(Math.max(1 - a, 0.0005)), least = Math.min(...points.map((p) => nines(p.attainment))) * 0.9;
  const y = (a) => h - B - (h - B - T) * (nines(a) - least) / (nines(1) - least);
  for (const a of [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 1].filter((a) => nines(a) >= least)) {
    el('line', { class: 'axis', x1: L, x2: W - R, y1: y(a), y2: y(a) }, svg);
    el('text', { x: L - 8, y: y(a) + 4, 'text-anchor': 'end' }, svg, number(a * 100) + ' %');
  }
  const marks = (W > 500 ? [1, 2, 5] : [1]).flatMap((f) => [0.01, 0.1, 1, 10, 100, 1000, 10000].map((p) => f * p)).filter((v) => v >= low && v <= high);
  for (const v of marks) { el('line', { class: 'axis', x1: x(v), x2: x(v), y1: T, y2: h - B }, svg); el('text', { x: x(v), y: h - 8, 'text-anchor': 'middle' }, svg, number(v) + ' h'); }
  el('line', { class: 'rule', x1: L, x2: W - R, y1: y(data.wanted), y2: y(data.wanted) }, svg);
  el('polyline', { class: 'series', stroke: 'var(--text)', points: data.frontier.map((p) => x(p.gpuHours) + ',' + y(p.attainment)).join(' ') }, svg);
  const taken = data.policies.map((p) => ({ from: x(p.gpuHours) - 8, to: x(p.gpuHours) + 8, y: y(p.attainment) + 4 }));
  const dot = (p, label, fill, i) => {
    const node = el('circle', { cx: x(p.gpuHours), cy: y(p.attainment), r: i < 0 ? 4 : 6, fill, tabindex: 0 }, svg);
    const lines = [label, number(p.attainment * 100) + ' % in SLO', number(p.gpuHours) + ' GPU-hours', (data.oracle ? number(p.gpuHours / data.oracle.gpuHours) : '–') + ' × oracle'];
    el('title', {}, node, lines.join(', '));
    node.addEventListener('pointermove', (event) => say(event, lines)); node.addEventListener('pointerleave', hush);
    if (i < 0) return;
    const right = x(p.gpuHours) < W - 170, width = label.length * 6.6;
    let ty = y(p.attainment) + 4;
    const box = () => ({ from: right ? x(p.gpuHours) + 10 : x(p.gpuHours) - 10 - width, to: right ? x(p.gpuHours) + 10 + width : x(p.gpuHours) - 10, y: ty });
    const isTaken = () => taken.some((t, n) => n !== i && Math.abs(t.y - ty) < 13 && t.from < box().to && box().from < t.to);
    const home = ty;
    for (let tries = 1; tries < 24 && isTaken(); tries += 1) ty = home + Math.ceil(tries / 2) * (tries % 2 ? 13 : -13);
    taken.push(box());
    el('text', { x: x(p.gpuHours) + (right ? 10 : -10), y: ty, 'text-anchor': right ? 'start' : 'end' }, svg, label);
  };
  data.frontier.forEach((p) => dot(p, 'oracle: ' + p.plan, 'var(--text)', -1));
  data.policies.forEach((p, i) => dot(p, p.name, colour(i), i));
}
function draw() {
  timePlot('load', () => [{ name: 'requests a second', area: true, points: data.load.perSecond.map((v, i) => [i * data.load.pointSeconds, v]) }], { unit: '/s', least: 0.1 });
  timePlot('replicas', () => visible('replicas'), { unit: '', least: 1, steps: true });
  timePlot('first', () => visible('firstTokenP95'), { unit: ' s', least: data.slo.ttftSeconds * 2, log: true, low: 0.01, rule: data.slo.ttftSeconds });
  timePlot('open', () => visible('open'), { unit: '', least: 1 });
}
const keys = document.getElementById('keys');
data.policies.forEach((p, i) => {
  const label = document.createElement('label'), box = document.createElement('input'), stroke = document.createElement('i');
  box.type = 'checkbox'; box.checked = shown[i]; stroke.style.borderTopColor = colour(i); stroke.style.borderTopStyle = dash(i) ? 'dashed' : 'solid';
  label.className = shown[i] ? '' : 'off';
  box.addEventListener('change', () => { shown[i] = box.checked; label.className = box.checked ? '' : 'off'; draw(); });
  label.append(box, stroke, document.createTextNode(p.name)); label.title = p.rule; keys.append(label);
});
const all = () => { costPlot(); draw(); };
all();
let drawn = innerWidth;
addEventListener('resize', () => { if (innerWidth !== drawn) { drawn = innerWidth; all(); } });
`;
