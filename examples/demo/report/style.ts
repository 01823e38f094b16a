/** Style of the report page; follows the reader's light or dark setting. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --line: #d9dee5; --paper: #fff; --good: #0a7d4b; --bad: #b3261e; --row: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333d4a; --paper: #12171e; --good: #4cc38a; --bad: #ff8a80; --row: #1a212b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 4rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .3rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .2rem 0 .8rem; color: var(--soft); }
.verdict { font-size: 1.35rem; font-weight: 650; margin: .6rem 0 .2rem; }
.verdict.right { color: var(--good); }
.verdict.wrong, ul.wrong, td.wrong { color: var(--bad); }
.wide { overflow-x: auto; }
.wide svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .35rem .7rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
tbody tr:nth-child(even) { background: var(--row); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.incidents { list-style: none; padding: 0; margin: .4rem 0; }
.incidents time { display: inline-block; width: 5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
`;
