/** Composes `mdc-console run`: the real ports, what is printed, and the question on a terminal. */

import {stripVTControlCharacters} from 'node:util';
import type {ResolvedAction} from '../core/actions.ts';
import type {Clock} from '../core/ports.ts';
import type {Settings} from '../core/settings.ts';
import type {State} from '../core/state.ts';
import {recoveryMs} from '../core/run-verdict.ts';
import {initialState} from '../core/update.ts';
import {actionTitleOf} from '../messages/action-titles.ts';
import {runWords} from '../messages/run.ts';
import {createIncidentConsole, type IncidentConsole} from '../runtime/console.ts';
import {drawCard} from '../ui/overlays/card.ts';
import {drawChoice} from '../ui/overlays/choice.ts';
import {createPen, ink} from '../ui/pen.ts';
import type {Theme} from '../ui/theme.ts';
import {leftAt, runAction, runDocument, runExit, runnableIds, waitForFacts, type RunActionOptions, type RunResult, type RunTeller} from './run-action.ts';
import {createRunbooks} from './runbooks.ts';
import {askLine} from './ask.ts';
import {consoleIdOf, languageOf, userAgentOf} from './invocation.ts';
import type {Surroundings} from './surroundings.ts';

export type RunOutput = {
	readonly json: boolean;
	readonly plain: boolean;
	readonly theme: Theme;
	readonly out: (line: string) => void;
	readonly err: (line: string) => void;
	/** Both sides are a terminal: a person can be asked. */
	readonly terminal: boolean;
};

const columns = 100;
const tallest = 400;

/** Runs it, or lists what can be run where no action is named. Answers with the exit code. */
export const runCommand = async (surroundings: Surroundings, settings: Settings, options: Omit<RunActionOptions, 'action'> & {readonly action: string | null}, output: RunOutput): Promise<number> => {
	const {version, clock, docker, health, host, files, inspection, git, commands, environment} = surroundings;
	const language = languageOf(environment, surroundings.options.language, settings.language);
	const actor = await surroundings.actor;
	const incidentConsole = createIncidentConsole({
		ports: {
			containers: docker.containers, logs: docker.logs, metrics: docker.metrics, host, health, files, inspection, git, commands, journal: surroundings.journalFor(actor, false), clock,
			runbooks: createRunbooks({path: surroundings.options.runbook ?? settings.runbook, language}),
			terminal: {bell() {/* nobody is called by a command */}, copy: () => false},
		},
		initial: initialState({
			nowMs: clock.nowMs(), version, consoleId: consoleIdOf(process.pid, clock.nowMs()), settings, actor, askActor: false, readOnly: surroundings.options.readOnly, drill: false,
			userAgent: userAgentOf(version), size: {columns, rows: 40}, commandNames: {},
		}),
		wantedProject: surroundings.options.project,
		canPaint: () => false,
		quit() {/* it ends with its run */},
		suspend() {/* there is no screen */},
		broke(_name, problem) {
			output.err(problem instanceof Error ? problem.stack ?? problem.message : String(problem));
		},
	});
	incidentConsole.start();
	// The change itself is not ended with us: it has a supervisor of its own.
	process.once('SIGINT', () => {
		output.err(runWords[language][leftAt(incidentConsole.store.state().runs)]);
		process.exit(130);
	});
	const isKnown = await waitForFacts(incidentConsole, clock);
	await waitForRunbook(incidentConsole, clock);
	const {action} = options;
	if (action === null) {
		list(incidentConsole.store.state(), language, output);
		await incidentConsole.stop();
		docker.close();
		return isKnown ? 0 : runExit.refused;
	}

	const result: RunResult = isKnown || incidentConsole.store.state().situation.project.facts !== null
		? await runAction(incidentConsole, clock, {...options, action}, tellerOf(language, settings.timeZone, output))
		: {exit: runExit.refused, reason: 'no-facts', resolved: null, run: null, state: incidentConsole.store.state()};
	// The verdict is in the journal before the exit code tells it.
	for (let waitedMs = 0; incidentConsole.store.state().pending.length > 0 && waitedMs < 5000; waitedMs += 50) {
		await new Promise<void>(resolve => {
			clock.after(50, resolve);
		});
	}

	await incidentConsole.stop();
	docker.close();
	if (output.json) {
		output.out(JSON.stringify(runDocument(result), null, 2));
	} else {
		tellEnd(result, action, language, settings, output);
	}

	return result.exit;
};

const runbookWithinMs = 3000;

/** The runbook's cards are actions too: they can be named once the page was read. */
const waitForRunbook = async ({store}: IncidentConsole, clock: Clock): Promise<void> => {
	for (let waitedMs = 0; store.state().runbook.runbooks.length === 0 && waitedMs < runbookWithinMs; waitedMs += 20) {
		await new Promise<void>(resolve => {
			clock.after(20, resolve);
		});
	}
};

const list = (state: State, language: 'en' | 'pt-BR', output: RunOutput): void => {
	const ids = runnableIds(state);
	if (output.json) {
		output.out(JSON.stringify({schemaVersion: 1, actions: ids.map(id => ({id, title: actionTitleOf(language, {id, title: state.cards.find(card => card.id === id)?.title ?? null})}))}, null, 2));
		return;
	}

	const width = Math.max(...ids.map(id => id.length)) + 2;
	output.out(runWords[language].list);
	for (const id of ids) {
		output.out(`  ${id.padEnd(width)}${actionTitleOf(language, {id, title: state.cards.find(card => card.id === id)?.title ?? null})}`);
	}
};

const tellerOf = (language: 'en' | 'pt-BR', timeZone: string | null, output: RunOutput): RunTeller => {
	const pen = createPen(language, timeZone, output.theme);
	const say = runWords[language];
	// With --json the document alone goes to standard output.
	const tell = output.json ? output.err : output.out;
	const body = {left: 0, top: 0, width: columns, height: tallest};
	const print = (lines: string): void => {
		for (const line of lines.split('\n')) {
			tell(output.plain ? stripVTControlCharacters(line).trimEnd() : line);
		}
	};

	return {
		card(state, resolved) {
			if (!output.json) {
				const {overlay} = state.view;
				print(ink(drawCard(state, overlay?.kind === 'card' ? overlay : {kind: 'card', action: resolved.action.id, paintedAtMs: null, targetTyped: false, scroll: 0, values: {}, asking: null}, body, pen).lines, pen));
			}
		},
		choices(state, resolved, variable, choices) {
			if (!output.json) {
				print(ink(drawChoice(state, {kind: 'choice', action: resolved.action.id, cursor: null}, body, pen).lines, pen));
			}

			tell(choices.length === 0 ? say.nothingToChoose : say.choose(variable));
		},
		output(lines) {
			for (const line of lines) {
				tell(line);
			}
		},
		verifying(run) {
			if (run.verification.by === 'pings') {
				tell(say.verifying(run.checks.length === 0 ? run.service : run.checks.join(', ')));
			}
		},
		ask: output.terminal && !output.json ? async resolved => ask(resolved, say) : null,
	};
};

const ask = async (resolved: ResolvedAction, say: (typeof runWords)['en']): Promise<boolean> => {
	const answer = await askLine(resolved.risk === 'destructive' ? say.askTarget(resolved.target) : say.ask, process);
	return resolved.risk === 'destructive' ? answer === resolved.target : answer === 'y';
};

const tellEnd = (result: RunResult, action: string, language: 'en' | 'pt-BR', settings: Settings, output: RunOutput): void => {
	const say = runWords[language];
	const {sayAction, format} = createPen(language, settings.timeZone, output.theme);
	const {run, resolved} = result;
	const target = resolved?.target ?? '';
	const words: Readonly<Record<RunResult['reason'], () => string>> = {
		done: () => {
			const tookMs = run === null ? null : recoveryMs(run, settings.verifyDeadlineMs);
			return run?.verdict === 'recovered' ? (tookMs === null ? sayAction.recoveredPlain : sayAction.recovered(format.seconds(tookMs))) : sayAction.done;
		},
		failed: () => {
			const step = run === null ? null : result.state.runBook.stepOf(run.id);
			return `${sayAction.failed}${run?.exitCode === null || run === null ? '' : `: ${sayAction.exit(String(run.exitCode))}`}${step === null ? '' : `, ${sayAction.failedAt(step.number, step.count, step.text)}`}${run !== null && result.state.runBook.wantedInput(run.id, run.script, true) ? `. ${sayAction.wantedInput}` : ''}`;
		},
		'not-verified': () => run?.verdict === 'not-recovered' ? sayAction.notRecovered : sayAction.cannotTell,
		refused: () => run?.refusal?.code === 'busy' ? say.refused(run.refusal.holder) : say.refusedBy(run?.refusal?.code ?? '?'),
		blocked: () => say.blocked,
		'dry-run': () => say.wouldRun,
		'unknown-action': () => say.unknownAction(action),
		'unknown-variable': () => say.unknownVar(result.name ?? '', action),
		choose: () => '',
		'no-facts': () => say.noFacts,
		'needs-yes': () => say.needsYes,
		'needs-confirm': () => say.needsConfirm(target),
		'wrong-confirm': () => say.wrongConfirm(target),
		declined: () => say.declined,
	};
	const text = words[result.reason]();
	if (text !== '') {
		(result.exit === runExit.done ? output.out : output.err)(text);
	}
};
