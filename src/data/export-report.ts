/** A report as one HTML file that needs nothing else: no scripts, no addresses, and it prints. */

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns, from 0, whose cells are numbers. */
  readonly numeric?: readonly number[];
}

export interface Section {
  readonly title: string;
  /** A sentence or two; empty for none. */
  readonly note?: string;
  readonly table?: Table;
  /** SVG documents, drawn beside each other where there is room. */
  readonly figures?: readonly { readonly title: string; readonly svg: string }[];
  /** What to type. */
  readonly commands?: readonly string[];
  /** Long texts that open on demand, and are printed. */
  readonly details?: readonly { readonly title: string; readonly text: string }[];
}

export interface Report {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
}

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; background: #fff; color: #1b1f1d;
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
h1 { margin: 0 0 4px; font-size: 24px; }
h2 { margin: 32px 0 8px; font-size: 17px; }
p { max-width: 75ch; margin: 4px 0 12px; }
.lead { color: #59605b; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: 4px 16px 4px 0; border-bottom: 1px solid #dadcd6; text-align: left; vertical-align: top; }
thead th { border-bottom-color: #a9aea8; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; }
figure { margin: 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
pre { margin: 4px 0 12px; padding: 10px 12px; overflow-x: auto; border-radius: 6px; background: #f2f3f0;
  font: 12px/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
  .figures { grid-template-columns: 1fr 1fr; }
}
`;

/** Only styles are let in, whatever stands in the report. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'`;

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

export function reportHtml({ title, lead, sections }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
${sections.map(sectionHtml).join('\n')}
</body>
</html>
`;
}

function sectionHtml({ title, note = '', table, figures = [], commands = [], details = [] }: Section): string {
  return [
    `<section>\n<h2>${escapeHtml(title)}</h2>`,
    note === '' ? '' : `<p>${escapeHtml(note)}</p>`,
    table === undefined ? '' : tableHtml(table),
    figures.length === 0
      ? ''
      : `<div class="figures">${figures.map((one) => `<figure role="img" aria-label="${escapeHtml(one.title)}">${one.svg}</figure>`).join('\n')}</div>`,
    commands.length === 0 ? '' : `<pre>${commands.map(escapeHtml).join('\n')}</pre>`,
    ...details.map((one) => `<details><summary>${escapeHtml(one.title)}</summary><pre>${escapeHtml(one.text)}</pre></details>`),
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function tableHtml({ head, rows, numeric = [] }: Table): string {
  const cell = (tag: 'th' | 'td', text: string, column: number): string =>
    `<${tag}${tag === 'th' ? ' scope="col"' : ''}${numeric.includes(column) ? ' class="n"' : ''}>${escapeHtml(text)}</${tag}>`;
  const row = (cells: readonly string[]): string => `<tr>${cells.map((text, i) => cell('td', text, i)).join('')}</tr>`;
  return `<div class="scroll"><table>
<thead><tr>${head.map((text, i) => cell('th', text, i)).join('')}</tr></thead>
<tbody>
${rows.map(row).join('\n')}
</tbody>
</table></div>`;
}
