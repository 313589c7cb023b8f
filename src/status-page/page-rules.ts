/** Shapes and type of the status pages. No rule depends on a script, and none on colour alone. */
export const pageRules = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
header, main, footer { max-width: 82rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding-top: 1.25rem; }
header, footer { color: var(--quiet); font-size: .875rem; }
header strong { color: var(--text); }
header .state { margin-left: auto; }
footer { padding-top: 1.5rem; padding-bottom: 3rem; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
a { color: var(--link); text-underline-offset: .2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; background: var(--sheet); padding: .5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 2rem 0 .25rem; font-weight: 650; letter-spacing: -.01em; }
h1 .state { font-size: 1rem; letter-spacing: 0; margin-left: .75rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .5rem; font-weight: 650; }
h2 .state { font-size: 1rem; margin-left: .5rem; }
h3 { font-size: 1rem; margin: 2rem 0 .5rem; font-weight: 650; }
p { margin: .5rem 0; max-width: 75ch; }
.quiet { color: var(--quiet); }
.lead { font-size: 1.0625rem; }
.why { border-left: 3px solid currentColor; padding: .125rem 0 .125rem .875rem; margin: .75rem 0 1.25rem; }
.small { font-size: .875rem; }
.why .prose { color: var(--text); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.state { display: inline-flex; align-items: center; gap: .4em; font-weight: 600; white-space: nowrap; }
.state svg { width: .85em; height: .85em; flex: none; }
.active { color: var(--active); } .idle { color: var(--idle); }
.holding, .warning { color: var(--holding); } .invalid { color: var(--invalid); }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: 1.25rem 0; }
.counts a { display: flex; flex-direction: column; min-width: 6.5rem; padding: .5rem .875rem .5rem; color: inherit;
  background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; text-decoration: none; }
.counts a:hover { border-color: var(--link); }
.counts [aria-current] { border-color: var(--text); box-shadow: inset 0 0 0 1px var(--text); }
.counts b { font-size: 1.5rem; line-height: 1.2; font-weight: 650; }
.counts .state { font-size: .875rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; }
label { display: flex; flex-direction: column; font-size: .875rem; color: var(--quiet); }
input, select, button { font: inherit; font-size: 1rem; color: var(--text); background: var(--sheet); padding: .25rem .625rem;
  border: 1px solid var(--quiet); border-radius: .375rem; min-height: 2.25rem; max-width: 100%; }
button { cursor: pointer; font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1px; margin: 1rem 0;
  background: var(--line); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
.figures div { background: var(--sheet); padding: .625rem .875rem .75rem; }
.figures dt { font-size: .875rem; color: var(--quiet); }
.figures dd { margin: 0; }
.figures b { display: block; font-size: 1.5rem; line-height: 1.25; font-weight: 650; }
table { width: 100%; border-collapse: collapse; background: var(--sheet); border: 1px solid var(--line); }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding: .25rem 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .875rem; border-top: 1px solid var(--line); font-weight: 400; }
thead th { font-size: .8125rem; font-weight: 600; color: var(--quiet); border-top: 0; white-space: nowrap; }
th.name { font-weight: 600; min-width: 15rem; }
td { overflow-wrap: break-word; }
td.prose { overflow-wrap: anywhere; }
td.figure { white-space: nowrap; }
th.name .quiet { font-weight: 400; }
.figure { text-align: right; }
td.prose { width: 45%; }
tbody .figure small { display: block; color: var(--quiet); }
.clamp { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
tr.result > * { font-weight: 650; border-top-color: var(--text); }
section + section { margin-top: 3rem; border-top: 1px solid var(--line); }
.pages { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; margin: 1rem 0; }
@media (max-width: 56rem) {
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  h1 { font-size: 1.375rem; }
  h1 .state { display: flex; margin: .25rem 0 0; }
  table, tbody, caption { display: block; }
  table { background: none; border: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem;
    padding: .5rem .875rem; margin: 0 0 .625rem; }
  tr > th.name, tr > td { display: block; border: 0; padding: .125rem 0; min-width: 0; }
  td.prose { width: auto; }
  td.figure { text-align: left; white-space: normal; }
  tr > td { display: grid; overflow-wrap: anywhere; grid-template-columns: minmax(5.5rem, 30%) 1fr; gap: .75rem; }
  td::before { content: attr(data-label); content: attr(data-label) / ""; color: var(--quiet); font-size: .875rem; }
  td > div { min-width: 0; }
  .counts a { min-width: 5.5rem; }
}
@media (forced-colors: active) { .counts [aria-current] { outline: 3px solid; } }
`;
