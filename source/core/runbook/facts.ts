/**
What a runbook says beside its commands: the alert, whom to call, when to escalate, what is to be done afterwards, past incidents, and how old the page is.
Hides the many forms of *label: value* (bold, plain, table rows, front matter) and of a contact's line.
*/

import {isPlaceholderNumber} from '../contacts.ts';
import type {Json} from '../ports.ts';
import {makeSafe, type SafeText} from '../text.ts';
import {spanOf} from './attributes.ts';
import {plainOf, textLinesOf, type Block, type Inline, type MarkdownDocument} from './document.ts';
import type {Contact, RunbookFacts} from './model.ts';
import {fold, type RunbookRole} from './words.ts';

export type RoledBlock = {readonly role: RunbookRole; readonly block: Block};

/** `Severidade: CRITICAL` as label and value; null where a line is no such pair. */
export const labelledPair = (line: string): {readonly label: string; readonly value: string} | null => {
	if (!/[:：]/.test(line)) {
		return null;
	}

	const match = /^[^\p{L}]*([\p{L}][^:：|]{0,40}?)\s*[:：]\s*(\S.*)$/u.exec(line);
	return match === null ? null : {label: fold(match[1]!), value: match[2]!.trim()};
};

const cellsOf = (row: readonly (readonly Inline[])[]): readonly string[] => row.map(cell => plainOf(cell));

/** Every pair of a block: lines, list items, the rows of a table of two columns. */
const pairsOf = (block: Block): ReadonlyArray<{readonly label: string; readonly value: string}> =>
	block.kind === 'table'
		? [block.head, ...block.rows].map(row => cellsOf(row)).filter(cells => cells.length === 2 && cells[0] !== '' && cells[1] !== '').map(([label, value]) => ({label: fold(label!), value: value!}))
		: textLinesOf(block).flatMap(line => partsOf(plainOf(line))).map(part => labelledPair(part) ?? versionIn(part)).filter(pair => pair !== null);

/** `Version 4`, the one pair that people write without a colon. */
const versionIn = (part: string): {readonly label: string; readonly value: string} | null => {
	const value = /^\P{L}*(?:version|versão)\s+(v?\d[\w.]*)\P{L}*$/iu.exec(part)?.[1];
	return value === undefined ? null : {label: 'version', value};
};

/** `Owner: x · Version: 4` says two things, and so do two sentences. */
const partsOf = (line: string): readonly string[] => /[:：]/.test(line) ? line.split(/\s+[·•|]\s+(?=\p{L}[\p{L} ]{0,30}(?:[:：]|\s\d))|(?<=\p{L}{3}[.)])\s+(?=\p{Lu})/u) : [];

const labels = {
	severity: /^(?:severidade|severity|prioridade|priority|gravidade)$/,
	alert: /^(?:alerta|alert|alert ?name|nome do alerta|regra|rule)$/,
	expression: /^(?:condicao|condition|expressao|expression|expr|query|consulta|promql)$/,
	duration: /^(?:duracao|duration|for|por|durante|pending)$/,
	team: /^(?:equipe|team|owner team|owning team|time|squad|time responsavel)$/,
	service: /^(?:servico|service|component|componente)$/,
	updated: /^(?:ultima (?:atualizacao|revisao)|atualizado(?: em)?|last (?:updated?|reviewed|revision)|updated(?: at| on)?|data|date)$/,
	version: /^(?:versao|version|revisao|revision)$/,
	owner: /^(?:responsavel|owner|owned by|maintainer|mantenedor|mantido por|maintained by|dono|autor|author)$/,
} as const;

type Field = keyof typeof labels;

/** Where a field may be said; the alert's own section goes before the rest. */
const alertFields: readonly Field[] = ['severity', 'alert', 'expression', 'duration', 'team', 'service'];
const footerFields: readonly Field[] = ['updated', 'version', 'owner'];

/** Only what is a severity by itself: *the severity depends on …* says none. */
const severityInSentence = /\b(?:severity|severidade)\b[\s:]+\W*((?:sev|p|s)-?\d|critical|high|medium|low|major|minor|warning|cr[ií]tic[ao]?|alta|média|baixa)(?![\p{L}\p{N}])/iu;

/** What a sentence says around its value: `Alert: OrdersDown (severity SEV1), fires when …`. */
const inWords = (field: Field, value: string | null, lines: readonly string[]): string | null => {
	switch (field) {
		case 'alert': {
			return value === null ? null : /^([\w.:-]+)\s*[(,;]/.exec(value)?.[1] ?? value;
		}

		case 'severity': {
			return value ?? lines.map(line => severityInSentence.exec(line)?.[1]).find(found => found !== undefined) ?? null;
		}

		default: {
			return value;
		}
	}
};

type Pairs = ReturnType<typeof pairsOf>;

const firstOf = (pairs: Pairs, field: Field): string | null => pairs.find(({label}) => labels[field].test(label))?.value ?? null;

const textOf = (value: Json | undefined): string | null => typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/** `2025-01-18` from how people write a day; null when it is none. */
export const dayOf = (text: string): string | null => {
	const iso = /(\d{4})-(\d{2})-(\d{2})/.exec(text);
	const local = /(\d{1,2})[/.](\d{1,2})[/.](\d{4})/.exec(text);
	const [year, month, day] = iso === null ? (local === null ? [] : [local[3], local[2], local[1]]) : [iso[1], iso[2], iso[3]];
	if (year === undefined || Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) {
		return null;
	}

	return `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
};

/** Without the marks that a list of duties begins with. */
const withoutMarks = (text: string): SafeText => makeSafe(text.replace(/^[^\p{L}\p{N}#@+<"'(]+/u, '').trim());

const pointsOf = (blocks: readonly Block[]): readonly SafeText[] =>
	blocks.flatMap(block => block.kind === 'list' ? block.items.map(item => item.blocks.flatMap(inner => textLinesOf(inner)).map(line => plainOf(line)).join(' ')) : []).map(text => withoutMarks(text)).filter(text => text !== '');

const reach = /(?:\+\d|\(?\d{2,})[\dxX\s().-]{5,}|\+?\d[\dxX-]*[xX]{3}[\dxX-]*|[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])[#@][\w.-]{2,}|https?:\/\/\S+|\b(?:PagerDuty|Opsgenie|Slack|Teams|WhatsApp|Telegram)\b.*/;

const contactOf = (line: string): Contact | null => {
	const text = makeSafe(line.slice(0, 300)).trim();
	const pair = /^[^\p{L}]*([^:：]{1,60}?)\s*[:：]\s*(.+)$/u.exec(text);
	const role = pair?.[1] ?? '';
	const rest = pair?.[2] ?? text;
	const found = reach.exec(rest);
	if (found === null) {
		return null;
	}

	const name = rest.slice(0, found.index).replace(/[\s,;|–—-]+$/, '').trim();
	const value = rest.slice(found.index).replace(/[\s,;|]+$/, '').trim();
	return {role: role === '' ? name : role, name: role === '' ? '' : name, reach: value, placeholder: isPlaceholderNumber(value)};
};

/** A table that begins with who it is, and says then what for. */
const nameFirst = (head: readonly (readonly Inline[])[]): boolean => head.length === 3 && /^(?:who|name|nome|quem|pessoa|person|contact|contato)\b/.test(fold(plainOf(head[0] ?? [])));

const contactsOf = (blocks: readonly Block[]): readonly Contact[] => blocks.flatMap((block): readonly Contact[] => {
	if (block.kind === 'table') {
		return block.rows.map(row => cellsOf(row)).flatMap(cells => {
			const at = cells.findIndex(cell => reach.test(cell));
			const others = cells.filter((_cell, index) => index !== at);
			const [role = '', name = ''] = nameFirst(block.head) ? others.toReversed() : others;
			return at < 0 ? [] : [{role, name, reach: cells[at]!, placeholder: isPlaceholderNumber(cells[at]!)}];
		});
	}

	const lines = block.kind === 'list' ? block.items.map(item => item.blocks.flatMap(inner => textLinesOf(inner)).map(line => plainOf(line)).join(' ')) : textLinesOf(block).map(line => plainOf(line));
	return lines.map(line => contactOf(line)).filter(contact => contact !== null);
});

const historyOf = (blocks: readonly Block[]): RunbookFacts['history'] => {
	const table = blocks.find(block => block.kind === 'table');
	return table === undefined ? {head: [], rows: []} : {head: table.head.map(cell => makeSafe(plainOf(cell))), rows: table.rows.map(row => row.map(cell => makeSafe(plainOf(cell))))};
};

/** What front matter may say; the rest of it is told as unknown. */
export const frontMatterKeys = ['title', 'alert', 'severity', 'expression', 'duration', 'team', 'service', 'updated', 'version', 'owner', 'escalate-after', 'contacts', 'language'] as const;

const contactsFrom = (value: Json | undefined): readonly Contact[] | null => !Array.isArray(value) ? null : (value as readonly Json[]).flatMap(entry => {
	if (typeof entry === 'string') {
		return [contactOf(entry)].filter(contact => contact !== null);
	}

	const {role, name, reach: how} = (entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? entry : {}) as {readonly [key: string]: Json};
	const value = textOf(how);
	return value === null ? [] : [{role: makeSafe(textOf(role) ?? ''), name: makeSafe(textOf(name) ?? ''), reach: makeSafe(value), placeholder: isPlaceholderNumber(value)}];
});

/** What says that a wait among the contacts is one for an answer, and not how soon a vendor replies. */
const escalates = /\bescal\w*|\bunanswered\b|\bno (?:answer|response|reply)\b|(?:\bnot|n.t) (?:answer|respond)|\bsem resposta\b|\bnao (?:atend|respond)\w*|\bnext level\b|\bproximo nivel\b/;
const waitsAtAll = /\b(?:after|apos|depois|within|dentro)\b/;

/** An hour of the day is no span: *depois das 22h*, *at 22h*, *das 8h às 18h*. */
const withoutHours = (folded: string): string => folded.replace(/\b(?:[dn]?as|at(?= \d{2}))\s+\d{1,2}\s*(?:h(?:oras?|\d{2})?\b|:\d{2})(?:\s*(?:-|–|e|a|as|e as|ate as|to|until)\s*\d{1,2}\s*(?:h(?:oras?|\d{2})?\b|:\d{2}))?/g, ' ');

/** Nobody waits longer than this for the one who is called; whoever means it says so under its own heading. */
const longestOfContacts = 3_600_000;

const spansIn = (lines: readonly string[]): readonly number[] => lines.map(line => spanOf(withoutHours(fold(line))) ?? 0).filter(span => span >= 1000);

/** Who has no heading for escalation says where the numbers are when it is due. */
const waitOf = (escalation: readonly string[], contacts: readonly string[]): number | null =>
	spansIn(escalation)[0] ?? spansIn(contacts.filter(line => waitsAtAll.test(fold(line)) && escalates.test(fold(line)))).find(span => span <= longestOfContacts) ?? null;

/** Facts stand in the first blocks of their sections. */
const factBlocks = 60;

/** Everything but the cards. `blocks` carry the role of the section that they stand in. */
export const factsOf = (document: MarkdownDocument, roled: readonly RoledBlock[]): RunbookFacts => {
	const matter = document.frontMatter?.data ?? {};
	const byRole = Map.groupBy(roled, ({role}) => role);
	const of = (role: RunbookRole): readonly Block[] => (byRole.get(role) ?? []).map(({block}) => block);
	const prose = (...blocks: readonly Block[]): readonly string[] => blocks.filter(block => block.kind === 'paragraph' || block.kind === 'quote').flatMap(block => textLinesOf(block)).map(line => plainOf(line));
	const alertBlocks = [...of('alert'), ...of('description'), ...of('other')].slice(0, factBlocks);
	const alertPairs = alertBlocks.flatMap(block => pairsOf(block));
	// The footer stands at the end, whatever section that happens to be under; a head of the same form is found too.
	const footerPairs = [...roled.slice(-4).map(({block}) => block).toReversed(), ...of('alert'), ...of('other')].slice(0, factBlocks).flatMap(block => pairsOf(block));
	const said = (field: Field): string | null => {
		const value = textOf(matter[field]) ?? (alertFields.includes(field) ? inWords(field, firstOf(alertPairs, field), prose(...alertBlocks)) : null) ?? (footerFields.includes(field) ? firstOf(footerPairs, field) : null);
		return value === null ? null : makeSafe(value).slice(0, 300);
	};

	const duration = said('duration');
	const escalation = of('escalation');
	const after = textOf(matter['escalate-after']);
	const updated = said('updated');
	return {
		alert: said('alert'), severity: said('severity'), expression: said('expression'), team: said('team'), service: said('service'),
		durationMs: duration === null ? null : spanOf(duration),
		impact: pointsOf(of('impact')),
		contacts: contactsFrom(matter['contacts']) ?? contactsOf(of('contacts')),
		escalateAfterMs: after === null ? waitOf(prose(...escalation), prose(...of('contacts'))) : spanOf(after),
		escalationSteps: pointsOf(escalation),
		duties: pointsOf(of('after')),
		history: historyOf(of('history')),
		updated: updated === null ? null : dayOf(updated),
		version: said('version'),
		owner: said('owner'),
	};
};
