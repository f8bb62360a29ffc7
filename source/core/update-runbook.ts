/**
The runbook's keys: a digit opens a scenario's page, a letter or Enter its card, `r` the whole text. And what follows when a runbook was read: its cards,
the settings left to it, and its text frozen in the journal as soon as an incident is open. Looking only: what changes the server goes through a card's `y`.
*/

import type {JournalEntry} from './ports.ts';
import type {Runbook, RunbookCard} from './runbook.ts';
import {pageById, pageOfDigit, pagesOf, type RunbookPage} from './runbook/pages.ts';
import {readerRows} from './runbook/reader-rows.ts';
import {chooseRunbook, runbookOf, runnableCards, settingsWith, shippedActionOf, shippedCheckOf, unreadOf} from './runbook-state.ts';
import {redactedMark} from './redaction.ts';
import {containerRows, layoutOf} from './screen.ts';
import type {Event, State} from './state.ts';
import {flash, record, withEffect, withState, withView, type Step} from './step.ts';
import {makeSafe} from './text.ts';
import {compilePattern} from './log-book.ts';
import {openCheck} from './update-checks.ts';
import {openCard} from './update-runs.ts';
import {withLog} from './update-log.ts';
import type {Overlay} from './view.ts';

// ─── what was read ───────────────────────────────────────────────────────────

/** A runbook was read: from its file, or from the journal of the incident that is open. */
export const onRunbookRead = (step: Step, event: Extract<Event, {type: 'runbook/read'}>): Step => {
	const {runbook: known, settings} = step.state;
	// The page that the incident opened with stays the first; the team's others lie behind it, a key away.
	const kept = event.frozen ? event.runbooks : (known.frozen ? known.runbooks.slice(0, 1) : []);
	const others = (event.frozen ? known.runbooks.slice(known.frozen ? 1 : 0) : event.runbooks).filter(({path}) => !kept.some(one => one.path === path));
	const runbooks = [...kept, ...others];
	const next = use(withState(step, {runbook: {...known, runbooks, frozen: kept.length > 0}}), kept.length > 0 ? 0 : chooseRunbook(runbooks, settings.alert.name));
	const [unread] = unreadOf(next.state);
	return unread === undefined ? next : flash(next, 'runbook-unread', {path: makeSafe(unread.path ?? '')}, 'warning');
};

const use = (step: Step, chosen: number): Step => {
	const next = withState(step, {runbook: {...step.state.runbook, chosen}});
	const runbook = runbookOf(next.state);
	return runbook === null ? next : withState(next, {cards: runnableCards(runbook), settings: settingsWith(next.state.settings, runbook.facts)});
};

/** The other runbook of a directory; while an incident is open the page is the one that it opened with. */
export const switchRunbook = (step: Step): Step => {
	const {runbooks, chosen} = step.state.runbook;
	if (runbooks.length < 2) {
		return flash(step, 'runbook-only-one');
	}

	const next = use(step, (chosen + 1) % runbooks.length);
	const {overlay} = next.state.view;
	const moved = overlay?.kind === 'page' ? openPageById(next, pagesOf(runbookOf(next.state)!)[0]?.id ?? '') : (overlay?.kind === 'reader' ? withView(next, {overlay: {...overlay, scroll: 0, hit: null}}) : next);
	return flash(moved, 'runbook-switched', {title: runbookOf(next.state)!.title});
};

const safeLines = ({state}: Step, runbook: Runbook): readonly string[] => runbook.rawText.split('\n').map(line => state.secrets.redact(makeSafe(line)));

/** The text goes into the journal once for each incident: a checkout of another commit must not change the page under the operator's hands. */
export const freezeRunbook = (step: Step): Step => {
	const {incident, runbook: known, journal} = step.state;
	const runbook = runbookOf(step.state);
	if (incident === null || runbook === null || known.frozenFor === incident.id || journal.state === 'opening' || !(journal.recording || journal.state === 'failed')) {
		return step;
	}

	const marked = withState(step, {runbook: {...known, frozenFor: incident.id}});
	return record(marked, {
		type: 'runbook/frozen',
		onceKey: `runbook:${incident.id}`,
		// The shipped page is known by the program's version.
		data: {path: runbook.path, title: runbook.title, version: runbook.facts.version, duties: runbook.path === null ? [] : [...runbook.facts.duties], lines: runbook.path === null ? [] : [...safeLines(step, runbook)]},
	});
};

/** A console that was opened again during an incident goes on with the page that the incident opened with. */
export const thawRunbook = (step: Step, entries: readonly JournalEntry[]): Step => {
	const {incident, runbook: known} = step.state;
	const entry = incident === null ? undefined : entries.findLast(one => one.type === 'runbook/frozen' && one.incident === incident.id);
	if (incident === null || entry === undefined) {
		return step;
	}

	const marked = withState(step, {runbook: {...known, frozenFor: incident.id}});
	const {lines, path} = entry.data;
	const texts = Array.isArray(lines) ? lines.filter(line => typeof line === 'string') : [];
	const current = runbookOf(step.state);
	const isSame = current !== null && safeLines(step, current).join('\n') === texts.join('\n');
	// What a secret was removed from is no command any more: then the file's own text is the better one.
	return isSame || texts.length === 0 || typeof path !== 'string' || texts.some(line => line.includes(redactedMark))
		? marked
		: withEffect(marked, {type: 'runbook/thaw', path, text: texts.join('\n')});
};

// ─── pages ───────────────────────────────────────────────────────────────────

/** Opens the page of a digit; `0` is the rollback. */
export const openPage = (step: Step, digit: number): Step => {
	const runbook = runbookOf(step.state);
	if (runbook === null) {
		return flash(step, 'runbook-reading');
	}

	const page = pageOfDigit(runbook, digit);
	return page === null ? flash(step, 'scenario-none', {scenario: digit}) : openPageById(step, page.id);
};

const firstOpenable = (page: RunbookPage): number => Math.max(0, page.cards.findIndex(({letter}) => letter !== null));

const openPageById = (step: Step, id: string): Step => {
	const runbook = runbookOf(step.state);
	const page = runbook === null ? null : pageById(runbook, id);
	return page === null ? withView(step, {overlay: null}) : withView(step, {overlay: {kind: 'page', page: page.id, cursor: firstOpenable(page)}, prompt: null});
};

type PageOverlay = Extract<Overlay, {kind: 'page'}>;

const neighbours: Readonly<Record<string, number>> = {right: 1, tab: 1, left: -1, 'shift-tab': -1};
const moves: Readonly<Record<string, number>> = {up: -1, k: -1, down: 1, j: 1, 'page-up': -5, 'page-down': 5, 'ctrl-u': -5, 'ctrl-d': 5, g: -1000, home: -1000, G: 1000, end: 1000};

/** A key on a page; null when the page has no use for it. */
export const onPageKey = (step: Step, overlay: PageOverlay, key: string): Step | null => {
	const runbook = runbookOf(step.state);
	const page = runbook === null ? null : pageById(runbook, overlay.page);
	if (runbook === null || page === null) {
		return null;
	}

	if (/^\d$/.test(key)) {
		return openPage(step, Number(key));
	}

	if (neighbours[key] !== undefined) {
		const pages = pagesOf(runbook);
		const at = pages.indexOf(page) + neighbours[key];
		return openPageById(step, pages.at(at % pages.length)!.id);
	}

	if (moves[key] !== undefined) {
		return withView(step, {overlay: {...overlay, cursor: Math.max(0, Math.min(page.cards.length - 1, overlay.cursor + moves[key]))}});
	}

	if (key === 'r') {
		return openReader(step, page.sections[0]?.line ?? 1);
	}

	if (key === 'o') {
		return switchRunbook(step);
	}

	const chosen = key === 'enter' ? page.cards[overlay.cursor] : page.cards.find(({letter}) => letter === key);
	return chosen === undefined ? null : openRunbookCard(step, chosen.card);
};

/** The card of an id, wherever it stands. */
export const openCardById = (step: Step, id: string): Step => {
	const card = runbookOf(step.state)?.cards.find(other => other.id === id);
	return card === undefined ? step : openRunbookCard(step, card);
};

/** A key that a card asks for by an attribute, where the key table has no use for it. */
export const openCardByKey = (step: Step, key: string): Step => {
	const card = /^\p{Lu}$/u.test(key) ? runbookOf(step.state)?.cards.find(other => other.key === key) : undefined;
	return card === undefined ? step : openRunbookCard(step, card);
};

/** Opens what a card stands for: its action's card, or the pane that shows live what the command would have printed once. */
export const openRunbookCard = (step: Step, card: RunbookCard): Step => {
	switch (card.kind) {
		case 'hint': {
			return step;
		}

		case 'wait': {
			return flash(step, 'runbook-waits', {seconds: Math.round((card.waitMs ?? 0) / 1000)});
		}

		case 'pane':
		case 'verification': {
			return jumpToPane(step, card);
		}

		default: {
			const check = shippedCheckOf(step.state, card);
			return check === null ? openCard(step, shippedActionOf(card)?.id ?? card.id) : openCheck(step, check);
		}
	}
};

/** More than the streams hold at first is read anew, deeper. */
const shallowLines = 200;

const jumpToPane = (step: Step, {pane}: RunbookCard): Step => {
	const closed = withView(step, {overlay: null, prompt: null});
	switch (pane?.pane) {
		case 'containers': {
			const rows = containerRows(step.state);
			const at = rows.findIndex(row => row.service === pane.service);
			return withView(closed, {focus: 'containers', enlarged: false, containerCursor: at < 0 ? step.state.view.containerCursor : at});
		}

		case 'log': {
			const opened = withLog(withView(closed, {focus: 'log', enlarged: !pane.follow}), {service: pane.service, follow: true, anchor: null, hit: null, since: 'all', filterIn: null, filterOut: null});
			return pane.depth === null || pane.depth > shallowLines ? withEffect(opened, {type: 'log/deepen'}) : opened;
		}

		case 'host': {
			return withView(closed, {focus: 'host', enlarged: false});
		}

		case 'health': {
			const at = pingAt(step.state, pane.url);
			return withEffect(withView(closed, {focus: 'health', enlarged: false, pingCursor: at < 0 ? step.state.view.pingCursor : at}), {type: 'pings/hasten'});
		}

		default: {
			return flash(step, 'runbook-here');
		}
	}
};

const portOf = (url: string): string => /^(?:https?:\/\/)?[^/:]+:(\d+)/.exec(url)?.[1] ?? (url.startsWith('https') ? '443' : '80');

const pingAt = (state: State, url: string): number => {
	const http = state.situation.pings.map(({target}, index) => ({target, index})).filter(({target}) => target.kind === 'http');
	return (http.find(({target}) => target.address === url) ?? http.find(({target}) => portOf(target.address) === portOf(url)))?.index ?? -1;
};

// ─── reader ──────────────────────────────────────────────────────────────────

type ReaderOverlay = Extract<Overlay, {kind: 'reader'}>;

/** Columns and rows of the reader's text, inside its frame and below its head. */
export const readerSize = (state: State): {readonly width: number; readonly rows: number} => {
	const {body} = layoutOf(state);
	return {width: Math.max(20, body.width - 4), rows: Math.max(1, body.height - 4)};
};

/** The whole text, at the section that the diagnosis points to. */
export const openReader = (step: Step, line: number | null = null): Step => {
	const {state} = step;
	const runbook = runbookOf(state);
	if (runbook === null) {
		return flash(step, 'runbook-reading');
	}

	const scenario = state.findings.find(finding => finding.scenario !== null)?.scenario ?? null;
	const section = scenario === null ? undefined : runbook.sections.find(other => other.scenario === scenario);
	return withView(step, {overlay: scrolled(state, {kind: 'reader', scroll: rowOfLine(state, runbook, line ?? section?.line ?? 1), search: null, hit: null}), prompt: null});
};

const rowsNow = (state: State): ReturnType<typeof readerRows> => {
	const runbook = runbookOf(state);
	return runbook === null ? [] : readerRows(runbook, readerSize(state).width);
};

const rowOfLine = (state: State, runbook: Runbook, line: number): number => {
	const rows = readerRows(runbook, readerSize(state).width);
	const at = rows.findIndex(row => row.line >= line && row.spans.length > 0);
	return Math.max(0, at);
};

const scrolled = (state: State, overlay: ReaderOverlay): ReaderOverlay =>
	({...overlay, scroll: Math.max(0, Math.min(overlay.scroll, Math.max(0, rowsNow(state).length - readerSize(state).rows)))});

/** The card whose command is the first in sight: what Enter opens. */
export const readerCard = (state: State, overlay: ReaderOverlay): {readonly id: string; readonly row: number} | null => {
	const {rows} = readerSize(state);
	const at = rowsNow(state).slice(overlay.scroll, overlay.scroll + rows).findIndex(row => row.card !== null);
	return at < 0 ? null : {id: rowsNow(state)[overlay.scroll + at]!.card!, row: overlay.scroll + at};
};

export const onReaderKey = (step: Step, overlay: ReaderOverlay, key: string): Step | null => {
	const {state} = step;
	const page = readerSize(state).rows;
	const by = {up: -1, k: -1, down: 1, j: 1, 'page-up': -page, 'page-down': page, ' ': page, 'ctrl-u': -Math.ceil(page / 2), 'ctrl-d': Math.ceil(page / 2), g: -1e6, home: -1e6, G: 1e6, end: 1e6}[key];
	if (by !== undefined) {
		return withView(step, {overlay: scrolled(state, {...overlay, scroll: overlay.scroll + by})});
	}

	switch (key) {
		case '/': {
			return withView(step, {prompt: {purpose: 'runbook-search', text: ''}});
		}

		case 'n':
		case 'N': {
			return overlay.search === null ? flash(step, 'no-match', {direction: 'newer'}, 'warning') : searchFrom(step, overlay, key === 'n' ? 1 : -1);
		}

		case 'tab':
		case 'shift-tab': {
			return nextCard(step, overlay, key === 'tab' ? 1 : -1);
		}

		case 'enter': {
			const card = readerCard(state, overlay);
			return card === null ? step : openCardById(step, card.id);
		}

		case 'o': {
			return switchRunbook(step);
		}

		default: {
			return /^\d$/.test(key) ? openPage(step, Number(key)) : null;
		}
	}
};

const nextCard = (step: Step, overlay: ReaderOverlay, by: 1 | -1): Step => {
	const cards = rowsNow(step.state).map((row, index) => ({row, index})).filter(({row}) => row.card !== null).map(({index}) => index);
	const now = readerCard(step.state, overlay)?.row ?? overlay.scroll;
	const next = by > 0 ? cards.find(index => index > now) : cards.findLast(index => index < now);
	// Two rows above it stand its comment and the end of what came before.
	return next === undefined ? step : withView(step, {overlay: scrolled(step.state, {...overlay, scroll: next - 1})});
};

/** Sets what is looked for, and lands on the first match from here on; an empty one clears. */
export const searchRunbook = (step: Step, typed: string): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'reader') {
		return step;
	}

	return typed.trim() === '' ? withView(step, {overlay: {...overlay, search: null, hit: null}}) : searchFrom(step, {...overlay, search: typed, hit: overlay.scroll - 1}, 1);
};

const withoutAccents = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '');

const searchFrom = (step: Step, overlay: ReaderOverlay, by: 1 | -1): Step => {
	const rows = rowsNow(step.state);
	const pattern = compilePattern(withoutAccents(overlay.search ?? ''));
	const from = overlay.hit ?? overlay.scroll;
	for (let turn = 1; pattern !== null && turn <= rows.length; turn++) {
		const at = (((from + (by * turn)) % rows.length) + rows.length) % rows.length;
		if (pattern.test(withoutAccents(rows[at]!.spans.map(({text}) => text).join('')))) {
			return withView(step, {overlay: {...scrolled(step.state, {...overlay, scroll: at - 2}), hit: at}});
		}
	}

	return flash(withView(step, {overlay: {...overlay, hit: null}}), 'no-match', {direction: 'newer'}, 'warning');
};
