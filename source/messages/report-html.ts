/**
A report as one HTML file that needs nothing else: no script, no request, print included. Invariant: every text passes `escapeHtml` exactly once, and
a policy in the file forbids scripts and requests should that ever fail.
*/

import type {Block, ReportDocument} from './report.ts';

const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;'};

/** Text for an element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, character => entities[character]!);

const style = `
:root { color-scheme: light; --ink: #1c1c1c; --dim: #666; --line: #d8d8d8; --bad: #b3261e; --good: #1f7a3f; --warn: #8a5a00; }
body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: var(--ink); background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin-bottom: .3rem; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 600; } td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
pre { background: #f5f5f5; border: 1px solid var(--line); padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
.people { border: 2px dashed var(--warn); background: #fffaf0; padding: .5rem .8rem 2.2rem; margin: .8rem 0; } .people b { color: var(--warn); } .strong { font-weight: 700; color: var(--bad); }
ul.checks { list-style: "☐  "; } ul.checks .done, ul.checks .waived { list-style: "☑  "; } ul.checks .none { list-style: "–  "; color: var(--dim); } svg { width: 100%; height: auto; margin: 1rem 0; } svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); } svg .dim { fill: var(--dim); }
svg .bad { fill: var(--bad); } svg .good { fill: var(--good); } svg .warn { fill: #c98a1b; } svg .plain { fill: #777; } svg .grid { stroke: var(--line); } svg .area { fill: #1f5fa8; opacity: .13; } svg .curve { fill: none; stroke: #1f5fa8; stroke-width: 1.5; stroke-linejoin: round; } svg circle { fill: #1f5fa8; } svg .hurt { fill: var(--bad); opacity: .08; } svg .frame { fill: none; stroke: var(--line); }
svg .mark { stroke: var(--ink); stroke-dasharray: 3 3; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } h2, h3 { break-after: avoid; } pre, .people, svg, tr { break-inside: avoid; } thead { display: table-header-group; } }
`;

const isTime = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
const cell = (text: string): string => isTime.test(text) && text.length < 30 ? `<td class="time">${escapeHtml(text)}</td>` : `<td>${escapeHtml(text)}</td>`;

/** SVG that is made of escaped text already. */
export type Pictures = {readonly chart: string; readonly metrics: string};

const blockHtml = (block: Block, mark: string, pictures: Pictures): string => {
	switch (block.kind) {
		case 'text': {
			return `<p>${escapeHtml(block.text)}</p>`;
		}

		case 'strong': {
			return `<p class="strong">${escapeHtml(block.text)}</p>`;
		}

		case 'facts': {
			return `<dl>${block.rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;
		}

		case 'table': {
			const head = `<thead><tr>${block.head.map(text => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>`;
			return `<table>${head}<tbody>\n${block.rows.map(cells => `<tr>${cells.map(text => cell(text)).join('')}</tr>`).join('\n')}\n</tbody></table>`;
		}

		case 'list': {
			return `<ul>${block.items.map(item => `<li>${escapeHtml(item)}</li>`).join('\n')}</ul>`;
		}

		case 'checks': {
			return `<ul class="checks">${block.items.map(({text, state}) => `<li${state === 'open' ? '' : ` class="${state}"`}>${escapeHtml(text)}</li>`).join('\n')}</ul>`;
		}

		case 'code': {
			return `<pre>${block.lines.map(line => escapeHtml(line)).join('\n')}</pre>`;
		}

		case 'heading': {
			return `<h3>${escapeHtml(block.text)}</h3>`;
		}

		case 'people': {
			return block.asks.map(ask => `<div class="people"><b>✍ ${escapeHtml(mark)}:</b> ${escapeHtml(ask)}</div>`).join('\n');
		}

		case 'chart':
		case 'metrics': {
			return pictures[block.kind];
		}
	}
};

/** The whole file. */
export const renderHtml = ({language, title, mark, sections}: ReportDocument, pictures: Pictures): string => [
	'<!DOCTYPE html>',
	`<html lang="${language}">`,
	'<head>',
	'<meta charset="utf-8">',
	'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
	'<meta name="viewport" content="width=device-width, initial-scale=1">',
	`<title>${escapeHtml(title)}</title>`,
	`<style>${style}</style>`,
	'</head>',
	'<body>',
	`<h1>${escapeHtml(title)}</h1>`,
	...sections.map(section => [
		'<section>',
		...(section.title === null ? [] : [`<h2>${escapeHtml(section.title)}</h2>`]),
		...section.blocks.map(block => blockHtml(block, mark, pictures)),
		'</section>',
	].join('\n')),
	'</body>',
	'</html>',
	'',
].join('\n');
