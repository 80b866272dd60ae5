/** The look of the local page: the system's fonts and its choice of light or dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fafaf9, #171717);
  --panel: light-dark(#ffffff, #212121);
  --ink: light-dark(#1c1917, #ececec);
  --quiet: light-dark(#57534e, #b3b3b3);
  --line: light-dark(#d6d3d1, #404040);
  --main: light-dark(#0f5132, #86efac);
  --main-ink: light-dark(#ffffff, #052e16);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 64rem;
  padding: 1rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
header, footer { color: var(--quiet); font-size: 0.9rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
a { color: inherit; display: inline-block; min-height: 1.5rem; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.15rem; margin: 0 0 0.5rem; }
section {
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  margin: 1rem 0;
  padding: 1rem;
}
.message { border-left: 4px solid var(--main); background: var(--panel); padding: 0.5rem 1rem; }
.message.refused { border-left-style: double; border-left-color: var(--ink); }
.actions, .actions form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.actions { margin: 0.5rem 0 1rem; }
button {
  font: inherit;
  min-height: 2.25rem;
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.375rem;
  background: var(--ground);
  color: var(--ink);
  cursor: pointer;
}
button.main { background: var(--main); border-color: var(--main); color: var(--main-ink); }
.fields { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; }
.fields p { flex-basis: 100%; margin: 0; color: var(--quiet); }
label { display: grid; font-size: 0.9rem; }
input {
  font: inherit;
  min-height: 2.25rem;
  padding: 0.25rem 0.5rem;
  border: 1px solid var(--quiet);
  border-radius: 0.375rem;
  background: var(--ground);
  color: var(--ink);
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 36rem; font-size: 0.9rem; }
caption { text-align: left; color: var(--quiet); }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-top: 1px solid var(--line); }
td { overflow-wrap: anywhere; }
td:first-child, td time { white-space: nowrap; overflow-wrap: normal; }
time { font-variant-numeric: tabular-nums; }
summary { cursor: pointer; min-height: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.25rem 0; font-size: 0.85rem; }
pre.notice { font: inherit; }
code { overflow-wrap: anywhere; font-size: 0.9em; }
ul { padding-left: 1.25rem; }
ul.pictures {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr));
  gap: 0.75rem;
  list-style: none;
  padding: 0;
}
ul.pictures a { display: block; }
ul.pictures img { display: block; width: 100%; height: 8rem; object-fit: cover; border: 1px solid var(--line); border-radius: 0.375rem; }
@media (max-width: 40rem) {
  table { min-width: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, tr, th, td { display: block; }
  tr { border-top: 1px solid var(--line); padding: 0.5rem 0; }
  th, td { border: 0; padding: 0; }
  td[data-label]::before { content: attr(data-label) ': '; color: var(--quiet); }
  .fields label, .fields input { width: 100%; }
}
li form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }
`

export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0f5132"/><circle cx="8" cy="8" r="3" fill="#fff"/></svg>'
