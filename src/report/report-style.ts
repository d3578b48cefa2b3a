/** The whole style of the report page. The four colours differ in lightness too, for those who do not see hues. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --paper: light-dark(#fff, #1d1c1b); --desk: light-dark(#f3f0ea, #131211);
  --ink: light-dark(#1f1d1a, #ece7df); --quiet: light-dark(#5d5850, #b5ada2); --line: light-dark(#d9d3c8, #3d3934);
  --accepted: light-dark(#2f7d6b, #6fc4ae); --deferred: light-dark(#d9a13a, #f0c36d);
  --rejected: light-dark(#a3221b, #ff8a7a); --uncertain: light-dark(#5a3f9e, #b9a2f2); --others: light-dark(#c9c2b6, #55504a);
  font: 16px / 1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
* { box-sizing: border-box }
body { margin: 0; color: var(--ink); background: var(--desk) }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0; min-width: 0 }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 0; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 0 0 .5rem }
p { margin: .25rem 0 } .quiet, small { color: var(--quiet) } small { font-size: .875rem }
code { font: .875em / 1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere }
ul { list-style: none; margin: 0; padding: 0 }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .75rem 1rem; margin: 0 }
.numbers dt { color: var(--quiet); font-size: .875rem } .numbers dd { margin: 0; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.accepted { --c: var(--accepted) } .deferred { --c: var(--deferred) } .rejected { --c: var(--rejected) }
.uncertain { --c: var(--uncertain) } .others { --c: var(--others) }
.key::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .4em; border-radius: 2px; background: var(--c) }
svg { display: block; width: 100% } svg.bar { height: .75rem; border-radius: 3px } svg.plot { height: 9rem; border-bottom: 1px solid var(--quiet) }
svg rect { fill: var(--c, var(--accepted)) } svg line { stroke: var(--ink); stroke-width: 1; vector-effect: non-scaling-stroke; stroke-dasharray: 3 3 }
.axis { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums }
.domains li, .replies li { padding: .5rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere }
.domains li:first-child, .replies li:first-child { border-top: 0 }
.row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem }
.replies .row { flex-wrap: nowrap; justify-content: flex-start } .replies b { flex: none; min-width: 4ch; text-align: right; font-variant-numeric: tabular-nums }
@media print { :root { color-scheme: light } section { break-inside: avoid } }
`;
