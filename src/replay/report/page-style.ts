/** Colours of both schemes; text keeps a contrast of at least 4.5 to 1, and lines are told apart without colour too. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f7f7f5; --sheet: #fff; --text: #1d1d1b; --quiet: #5b5b56; --line: #dddcd6;
  --s0: #0a549e; --s1: #b3470b; --s2: #17663a; --s3: #7a3a92; --s4: #8a5a00; --s5: #a61b4b; --s6: #2f6f73; --s7: #5b5b56; }
@media (prefers-color-scheme: dark) { :root { --ground: #141518; --sheet: #1c1e22; --text: #e9e7e2; --quiet: #a9a7a0;
  --line: #34373d; --s0: #8fbcf8; --s1: #ff9f6b; --s2: #72d19b; --s3: #d3a4e6; --s4: #f2b860; --s5: #ff8fb3; --s6: #7fd0d4;
  --s7: #a9a7a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 0 0 .25rem; }
h3 { font-size: .95rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0; max-width: 68ch; } .quiet { color: var(--quiet); }
section { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0;
  break-inside: avoid; }
.answer { font-size: 1.15rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .45rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { color: var(--quiet); font-weight: 600; }
tbody tr:hover { background: color-mix(in srgb, var(--s0) 10%, transparent); } .best td { border-top: 2px solid var(--text); }
svg { display: block; width: 100%; height: auto; overflow: visible; } svg text { fill: var(--quiet); font-size: 12px; }
.axis { stroke: var(--line); } .rule { stroke: var(--quiet); stroke-dasharray: 2 3; }
.series { fill: none; stroke-width: 1.8; } .area { stroke: none; fill: var(--quiet); opacity: .25; }
.hover { stroke: var(--text); stroke-width: 1; } .tip { position: fixed; pointer-events: none; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 4px; padding: .35rem .6rem; font-size: .85rem; box-shadow: 0 2px 8px #0004; }
.keys { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: .5rem 0; font-size: .9rem; }
.keys label { display: flex; align-items: center; gap: .35rem; cursor: pointer; } .keys i { width: 1.6rem; height: 0;
  border-top: 3px solid; } .keys input:focus-visible { outline: 2px solid var(--s0); }
@media print { body { background: #fff; font-size: 11pt; max-width: none; padding: 0; } section { border: 0; padding: 0; }
  .keys input, .tip { display: none; } .keys .off { display: none; } }
`;
