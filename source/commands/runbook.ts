/**
`mdc-console runbook list|show|check`: which runbooks there are, what the console makes of one, and what is wrong with it, each problem at its place.
Reads files only; nothing is asked of the server.

Exit codes: 0 well, 1 there are warnings, 2 a page could not be read.
*/

import {isPlaceholderNumber} from '../core/contacts.ts';
import type {RunbooksPort} from '../core/ports.ts';
import type {Runbook, RunbookCard, RunbookProblem} from '../core/runbook.ts';
import {pagesOf} from '../core/runbook/pages.ts';
import {chooseRunbook} from '../core/runbook-state.ts';
import {makeSafe} from '../core/text.ts';
import {createFormatter} from '../messages/format.ts';
import type {Language} from '../messages/language.ts';
import {ageWords, problemSentence, runbookWords} from '../messages/runbook.ts';

export type RunbookCommand = {
	readonly language: Language;
	readonly json: boolean;
	readonly runbooks: RunbooksPort;
	/** The alert whose runbook is in use. */
	readonly alert: string;
	readonly out: (line: string) => void;
	readonly nowMs: number;
};

export type RunbookExit = 0 | 1 | 2;

const unread: ReadonlySet<RunbookProblem['code']> = new Set(['missing', 'unreadable', 'not-a-file', 'timed-out', 'too-large', 'binary', 'not-utf8']);

const exitOf = (runbooks: readonly Runbook[]): RunbookExit => {
	const problems = runbooks.flatMap(runbook => runbook.problems);
	return problems.some(({code}) => unread.has(code)) ? 2 : (problems.some(({level}) => level === 'warning') ? 1 : 0);
};

const nameOf = (runbook: Runbook, language: Language): string => runbook.path === null ? runbookWords[language].shippedName : makeSafe(runbook.path);

/** Those that were asked for; the shipped one only where it stands in for nothing. */
const asked = async (command: RunbookCommand): Promise<readonly Runbook[]> => {
	const all = await command.runbooks.read(null);
	const own = all.filter(({path}) => path !== null);
	return own.length > 0 ? own : all;
};

/** Prints each runbook with its alert, how many cards and how many problems. */
export const listRunbooks = async (command: RunbookCommand): Promise<RunbookExit> => {
	const {language, json, out, alert} = command;
	const say = runbookWords[language];
	const runbooks = await asked(command);
	const inUse = chooseRunbook(runbooks, alert);
	if (json) {
		out(JSON.stringify(runbooks.map((runbook, index) => ({path: runbook.path, title: runbook.title, alert: runbook.facts.alert, cards: runbook.cards.length, problems: runbook.problems.length, inUse: index === inUse})), null, 2));
		return 0;
	}

	for (const [index, runbook] of runbooks.entries()) {
		const warnings = runbook.problems.filter(({level}) => level === 'warning').length;
		const words = [runbook.facts.alert ?? '', say.cardsCount(runbook.cards.filter(({kind}) => kind !== 'hint').length), ...(warnings === 0 ? [] : [say.problems(warnings)]), ...(index === inUse ? [say.inUse] : [])];
		out(`${nameOf(runbook, language)}: ${runbook.title}${runbook.title === '' ? '' : ' · '}${words.filter(word => word !== '').join(' · ')}`);
	}

	return 0;
};

const cardJson = (card: RunbookCard, letter: string | null) => ({
	id: card.id, section: card.section, scenario: card.scenario, letter, title: card.title, kind: card.kind, risk: card.risk, riskReasons: card.riskReasons, action: card.action, key: card.key,
	commands: card.rawLines, script: card.script, pane: card.pane, check: card.check, condition: card.condition, alternativeTo: card.alternativeTo,
	placeholders: card.placeholders, waitMs: card.waitMs, hints: card.hints, target: card.target, verify: card.verify, timeoutMs: card.timeoutMs, line: card.line,
});

/** Prints what the console makes of the runbook in use: its facts, its pages, every card with its letter, kind, risk and command. */
export const showRunbook = async (command: RunbookCommand): Promise<RunbookExit> => {
	const {language, json, out, alert} = command;
	const runbooks = await asked(command);
	const runbook = runbooks[chooseRunbook(runbooks, alert)]!;
	const pages = pagesOf(runbook);
	if (json) {
		out(JSON.stringify({path: runbook.path, title: runbook.title, facts: runbook.facts, sections: runbook.sections, cards: pages.flatMap(page => page.cards.map(({card, letter}) => cardJson(card, letter)))}, null, 2));
		return exitOf([runbook]) === 2 ? 2 : 0;
	}

	for (const line of [...factLines(runbook, command), ...pages.flatMap(page => pageLines(page, language))]) {
		out(line);
	}

	return exitOf([runbook]) === 2 ? 2 : 0;
};

const factLines = (runbook: Runbook, {language, nowMs}: RunbookCommand): readonly string[] => {
	const say = runbookWords[language];
	const {facts} = runbook;
	const format = createFormatter(language, null);
	const row = (label: string, value: string | null): readonly string[] => value === null || value === '' ? [] : [`  ${label}: ${makeSafe(value)}`];
	const age = facts.updated === null ? null : say.updated(facts.updated, ageWords(language, nowMs - Date.parse(`${facts.updated}T00:00:00Z`), format));
	return [
		`${runbook.title === '' ? say.runbook : runbook.title} (${nameOf(runbook, language)})`,
		...row(say.severity, [facts.severity, facts.alert].filter(part => part !== null).join(' · ')),
		...row(say.condition, facts.expression),
		...row(say.duration, facts.durationMs === null ? null : format.span(facts.durationMs)),
		...row(say.team, facts.team),
		...row(say.escalation, facts.escalateAfterMs === null ? null : format.span(facts.escalateAfterMs)),
		...(facts.contacts.length === 0 ? [] : [`  ${say.contacts}:`, ...facts.contacts.map(contact => `    ${[contact.role, contact.name, contact.reach].filter(part => part !== '').join(' · ')}${isPlaceholderNumber(contact.reach) ? ` (${say.notCallable})` : ''}`)]),
		...row(say.age, [age, facts.version === null ? null : say.version(facts.version), facts.owner].filter(part => part !== null).join(' · ')),
	];
};

const pageLines = (page: ReturnType<typeof pagesOf>[number], language: Language): readonly string[] => {
	const say = runbookWords[language];
	const risk = {read: say.reads, change: say.changes, destructive: say.destructive};
	const {name} = page;
	const head = page.digit === null ? `    ${name}` : `[${page.digit}] ${page.digit === 0 ? say.rollback : `${say.scenario(page.digit)} · ${name}`}`;
	return ['', head, ...page.cards.flatMap(({card, letter}): readonly string[] => {
		const tag = card.kind === 'change' || card.kind === 'check' ? `${risk[card.risk]}${card.action === null ? '' : ` · ${card.action}`}` : card.kind;
		return [
			`  ${letter ?? '•'}  ${card.title}${card.kind === 'hint' ? '' : `  (${tag})`}`,
			...card.rawLines.map(line => `       ${makeSafe(line)}`),
			...card.hints.map(hint => `       · ${hint}`),
		];
	})];
};

/** Prints each problem as `file:line:column: level: what. suggestion`. */
export const checkRunbooks = async (command: RunbookCommand): Promise<RunbookExit> => {
	const {language, json, out} = command;
	const say = runbookWords[language];
	const runbooks = await asked(command);
	if (json) {
		out(JSON.stringify(runbooks.map(runbook => ({
			path: runbook.path,
			problems: runbook.problems.map(problem => ({...problem, message: problemSentence(language, problem)})),
		})), null, 2));
		return exitOf(runbooks);
	}

	for (const runbook of runbooks) {
		const file = nameOf(runbook, language);
		if (runbook.problems.length === 0) {
			out(say.noProblems(file));
		}

		for (const problem of runbook.problems) {
			const place = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
			out(`${place}: ${problem.level === 'note' ? say.note : say.warning}: ${problemSentence(language, problem)}${problem.suggestion === null ? '' : ` ${say.suggestion(makeSafe(problem.suggestion))}`}`);
		}
	}

	return exitOf(runbooks);
};
