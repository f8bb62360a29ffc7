/**
`mdc-console run ACTION`: the card, the confirmation, the run, its verification and its journal, without a screen. It presses the same keys on the same
state as an operator does, so that no rule of a card can be passed by; only what is printed is its own.

Exit codes: 0 done and verified, 1 failed, 3 not verified, 4 refused or blocked, 5 needs confirmation, 64 wrong usage.
*/

import {actions, type ResolvedAction} from '../core/actions.ts';
import type {Clock} from '../core/ports.ts';
import {recoveryMs, type Run} from '../core/run-verdict.ts';
import {confirmAfterMs} from '../core/screen.ts';
import {servicesOf} from '../core/situation.ts';
import type {Event, State} from '../core/state.ts';
import {choiceVariable, choicesOf} from '../core/update-preview.ts';
import {actionNow, resolvedNow} from '../core/update-runs.ts';
import type {IncidentConsole} from '../runtime/console.ts';

export const runExit = {done: 0, failed: 1, notVerified: 3, refused: 4, needsConfirmation: 5, usage: 64} as const;

export type RunExit = (typeof runExit)[keyof typeof runExit];

export type RunActionOptions = {
	readonly action: string;
	readonly values: Readonly<Record<string, string>>;
	readonly yes: boolean;
	/** The target's name, typed beforehand. */
	readonly confirm: string | null;
	readonly dryRun: boolean;
};

/** What the caller prints, and asks where there is a terminal. */
export type RunTeller = {
	card(state: State, resolved: ResolvedAction): void;
	choices(state: State, resolved: ResolvedAction, variable: string, choices: readonly string[]): void;
	output(lines: readonly string[]): void;
	verifying(run: Run): void;
	/** Null without a terminal; else whether the person says yes, or typed the target. */
	readonly ask: ((resolved: ResolvedAction) => Promise<boolean>) | null;
};

export type RunResult = {
	readonly exit: RunExit;
	readonly reason:
		| 'done' | 'failed' | 'not-verified' | 'refused' | 'blocked' | 'dry-run' | 'unknown-action' | 'unknown-variable' | 'choose' | 'no-facts' | 'needs-yes' | 'needs-confirm' | 'wrong-confirm' | 'declined';
	readonly resolved: ResolvedAction | null;
	readonly run: Run | null;
	readonly state: State;
	/** The variable that was not asked for. */
	readonly name?: string;
};

const factsWithinMs = 12_000;
const looksWithinMs = 60_000;
const everyMs = 100;

/** The ids that can be run on this project. */
export const runnableIds = (state: State): readonly string[] => [
	...new Set([...actions.map(({id}) => id), ...servicesOf(state.situation).flatMap(({name}) => [`start-${name}`, `restart-${name}`]), ...state.cards.map(({id}) => id)]),
];

/** Waits until the project, its containers, compose and the journal are known, as a card needs them; false when that took too long. */
export const waitForFacts = async (console: IncidentConsole, clock: Clock): Promise<boolean> => until(console, clock, factsWithinMs, ({situation, tools, journal}) =>
	situation.project.facts !== null && situation.containers.value !== null && tools !== null && journal.state !== 'opening' && situation.host.disks.atMs !== null
	&& situation.pings.every(ping => ping.last !== null) && (situation.project.composeFile.value !== null || situation.project.composeFile.failure !== null));

const until = async (console: IncidentConsole, clock: Clock, withinMs: number, isThere: (state: State) => boolean): Promise<boolean> => {
	for (const endMs = clock.monotonicMs() + withinMs; clock.monotonicMs() < endMs;) {
		if (isThere(console.store.state())) {
			return true;
		}

		await wait(clock, everyMs);
	}

	return isThere(console.store.state());
};

const wait = async (clock: Clock, delayMs: number): Promise<void> => new Promise(resolve => {
	clock.after(delayMs, resolve);
});

/** Runs the action on a console whose facts are there. */
export const runAction = async (console: IncidentConsole, clock: Clock, options: RunActionOptions, teller: RunTeller): Promise<RunResult> => {
	const {store} = console;
	const result = (reason: RunResult['reason'], exit: RunExit, more: Partial<RunResult> = {}): RunResult => ({reason, exit, resolved: null, run: null, state: store.state(), ...more});
	const action = actionNow(store.state(), options.action);
	if (action === null) {
		return result('unknown-action', runExit.usage);
	}

	const strange = Object.keys(options.values).find(name => !action.questions.some(question => question.name === name));
	if (strange !== undefined) {
		return result('unknown-variable', runExit.usage, {name: strange});
	}

	store.dispatch({type: 'card/asked', action: action.id, values: options.values});
	const isSettled = (state: State): boolean => !state.git.asked && !(state.preview.action === action.id && state.preview.preview.state === 'asked') && !resolvedNow(state, action.id).troubles.some(({code}) => code === 'comparing' || code === 'looking' || code === 'still-looking');
	const variable = choiceVariable(action);
	await until(console, clock, looksWithinMs, isSettled);
	const resolved = resolvedNow(store.state(), action.id);
	if (variable !== null && options.values[variable] === undefined) {
		teller.choices(store.state(), resolved, variable, choicesOf(store.state(), action).map(({id}) => id));
		return result('choose', runExit.usage, {resolved, name: variable});
	}

	teller.card(store.state(), resolved);
	const stopped = await mayRun(resolved, options, teller);
	if (stopped !== null) {
		return result(stopped, exitOf[stopped], {resolved});
	}

	// A fact that changes the card in the same moment makes it count as painted anew: what is unchanged in what it says is confirmed again.
	for (let round = 0; round < 3 && store.state().view.overlay?.kind !== 'run' && sameCard(resolved, resolvedNow(store.state(), action.id)); round++) {
		await press(console, clock, resolved);
	}

	const started = store.state().runs.at(-1);
	if (started?.action !== action.id || store.state().view.overlay?.kind !== 'run') {
		// The card changed while it was confirmed: what speaks against it now is on it.
		const now = resolvedNow(store.state(), action.id);
		teller.card(store.state(), now);
		return result('blocked', runExit.refused, {resolved: now});
	}

	const run = await follow(console, clock, started.id, teller);
	const reason = run.phase === 'refused' ? 'refused' : reasonOf(run);
	return result(reason, exitOf[reason], {resolved, run});
};

const sameCard = (one: ResolvedAction, other: ResolvedAction): boolean => one.script === other.script && one.risk === other.risk && !other.troubles.some(({blocks}) => blocks);

const exitOf: Readonly<Record<RunResult['reason'], RunExit>> = {
	done: runExit.done, failed: runExit.failed, 'not-verified': runExit.notVerified, refused: runExit.refused, blocked: runExit.refused, 'dry-run': runExit.done, 'unknown-action': runExit.usage,
	'unknown-variable': runExit.usage, choose: runExit.usage, 'no-facts': runExit.refused, 'needs-yes': runExit.needsConfirmation, 'needs-confirm': runExit.needsConfirmation,
	'wrong-confirm': runExit.needsConfirmation, declined: runExit.needsConfirmation,
};

/** What somebody who leaves early has to be told, by how far the command's own run has come; what others run is not theirs. */
export const leftAt = (runs: readonly Run[]): 'declined' | 'mayRun' | 'stillRuns' | 'notVerified' => {
	const run = runs.find(({own, phase}) => own && phase !== 'refused');
	return run === undefined ? 'declined' : (run.phase === 'claiming' ? 'mayRun' : (run.phase === 'running' ? 'stillRuns' : 'notVerified'));
};

/** Why it may not be run; null when it may. */
const mayRun = async (resolved: ResolvedAction, {yes, confirm, dryRun}: RunActionOptions, teller: RunTeller): Promise<'blocked' | 'dry-run' | 'needs-yes' | 'needs-confirm' | 'wrong-confirm' | 'declined' | null> => {
	if (dryRun) {
		return resolved.troubles.some(({blocks}) => blocks) ? 'blocked' : 'dry-run';
	}

	if (resolved.troubles.some(({blocks}) => blocks)) {
		return 'blocked';
	}

	if (resolved.risk === 'read') {
		return null;
	}

	if (confirm !== null && confirm !== resolved.target) {
		return 'wrong-confirm';
	}

	if (yes && (resolved.risk !== 'destructive' || confirm !== null)) {
		return null;
	}

	if (teller.ask === null) {
		return yes || resolved.risk === 'destructive' ? 'needs-confirm' : 'needs-yes';
	}

	return await teller.ask(resolved) ? null : 'declined';
};

/** The keys of an operator: the card painted, its name typed where it can lose data, and `y` after the moment that a card asks for. */
const press = async ({store}: IncidentConsole, clock: Clock, {action, target, risk}: ResolvedAction): Promise<void> => {
	const paint = async (): Promise<void> => {
		store.dispatch({type: 'card/painted', action: action.id, atMs: clock.nowMs()});
		await wait(clock, confirmAfterMs + 100);
	};

	const key = (name: string): Event => ({type: 'key/pressed', key: name, alone: true, atMs: clock.nowMs()});
	await paint();
	store.dispatch(key('y'));
	if (risk === 'destructive') {
		store.dispatch({type: 'text/pasted', text: target, atMs: clock.nowMs()});
		store.dispatch(key('enter'));
		await paint();
		store.dispatch(key('y'));
	}
};

const reasonOf = ({verdict, exitCode, verification}: Run): 'done' | 'failed' | 'not-verified' => {
	if (verification.by === 'none') {
		return exitCode === 0 ? 'done' : 'failed';
	}

	return verdict === 'done' || verdict === 'recovered' ? 'done' : (verdict === 'failed' ? 'failed' : 'not-verified');
};

const follow = async (console: IncidentConsole, clock: Clock, id: string, teller: RunTeller): Promise<Run> => {
	let printed = 0;
	let isTold = false;
	const print = (whole: boolean): void => {
		const {runBook} = console.store.state();
		const {lines, above} = runBook.tail(id, Infinity);
		// The last line may still grow.
		const upTo = above + lines.length - (whole ? 0 : 1);
		if (upTo > printed) {
			teller.output(lines.slice(Math.max(0, printed - above), upTo - above));
			printed = upTo;
		}
	};

	for (;;) {
		const run = console.store.state().runs.find(other => other.id === id)!;
		const isOver = run.phase === 'done' || run.phase === 'refused';
		print(run.phase !== 'running' && run.phase !== 'claiming');
		if (run.phase === 'verifying' && !isTold) {
			isTold = true;
			teller.verifying(run);
		}

		if (isOver) {
			return run;
		}

		await wait(clock, everyMs);
	}
};

/** The document of `run --json`; see docs/run-json.md. */
export const runDocument = ({exit, reason, resolved, run, state}: RunResult) => ({
	schemaVersion: 1,
	at: new Date(state.nowMs).toISOString(),
	exit,
	reason,
	project: state.situation.project.facts?.name ?? null,
	action: resolved === null ? null : {
		id: resolved.action.id, title: resolved.action.title, service: resolved.action.service, risk: resolved.risk, target: resolved.target, steps: resolved.steps, values: resolved.values, directory: resolved.directory,
		troubles: resolved.troubles.map(({code, blocks, params}) => ({code, blocks, params})),
		preview: resolved.preview === null ? null : {count: resolved.preview.count ?? resolved.preview.items.length, bytes: resolved.preview.bytes, items: resolved.preview.items},
	},
	run: run === null ? null : {
		id: run.id, phase: run.phase, exitCode: run.exitCode, cancelled: run.cancelled, timedOut: run.timedOut, lost: run.lost, refusal: run.refusal,
		startedAt: run.startedAtMs === null ? null : new Date(run.startedAtMs).toISOString(), endedAt: run.endedAtMs === null ? null : new Date(run.endedAtMs).toISOString(),
		step: run.exitCode === 0 ? null : state.runBook.stepOf(run.id), verdict: run.verdict, recoverySeconds: recoverySeconds(run, state),
		output: state.runBook.tail(run.id, 200).lines,
	},
});

const recoverySeconds = (run: Run, state: State): number | null => {
	const ms = recoveryMs(run, state.settings.verifyDeadlineMs);
	return ms === null ? null : Math.round(ms / 100) / 10;
};
