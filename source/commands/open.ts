/**
The console itself: `mdc-console` on the real server and `mdc-console drill` on the simulated one, which differ in their ports only. It hides the
way in (facts are asked for before the screen is loaded, so that the first frame has them) and every way out: a key, a signal, a lost line, a bug.
*/

import {createChartsPort} from '../adapters/charts.ts';
import {createTerminal, type Terminal} from '../adapters/terminal.ts';
import {downMs} from '../core/incident.ts';
import type {Actor, Clock, RunbooksPort} from '../core/ports.ts';
import {standing} from '../core/screen.ts';
import type {Settings} from '../core/settings.ts';
import type {State} from '../core/state.ts';
import {makeSafe, type SafeText} from '../core/text.ts';
import {initialState} from '../core/update.ts';
import type {ShellPlace} from '../core/update-shell.ts';
import {cli} from '../messages/cli.ts';
import {createFormatter} from '../messages/format.ts';
import {serviceActionNames} from '../messages/action-titles.ts';
import {createComposer} from '../messages/escalation-texts.ts';
import {commandNames} from '../messages/keys.ts';
import type {Language} from '../messages/language.ts';
import type {DrillStart} from '../core/drill-run.ts';
import {createIncidentConsole, type ConsolePorts} from '../runtime/console.ts';
import type {Store} from '../runtime/store.ts';
import {firstFrame} from '../ui/first-frame.ts';
import {keepMemorySmall} from './memory.ts';
import {outboxOnNeed} from './outbox-ports.ts';
import {createPauses} from './pauses.ts';
import {consoleIdOf, hasColour, isUnicode, languageOf, userAgentOf, type Environment, type GlobalOptions, type ScreenStreams} from './invocation.ts';
import type {Surroundings} from './surroundings.ts';

export type Opening = {
	readonly version: string;
	readonly environment: Environment;
	readonly options: GlobalOptions;
	readonly streams: ScreenStreams;
	readonly ports: Omit<ConsolePorts, 'terminal' | 'runbooks'>;
	readonly settings: Settings;
	readonly actor: Actor;
	readonly askActor: boolean;
	readonly drill: boolean;
	/** A drill of a scenario. */
	readonly drillRun?: DrillStart;
	/** The machine's own time, where the ports' is another: for painting, and whatever else a person waits for. */
	readonly machineClock?: Clock;
	/** Before the first frame: what happens first, and the store that the screen then works with. */
	readonly begin?: (store: Store) => Promise<Store>;
	/** What is told on the normal screen after leaving. */
	readonly farewell?: (state: State, code: number) => Promise<readonly string[]>;
	/** Lets go of what the ports hold. */
	readonly release: () => void;
};

/** The console on the real server. Answers with the exit code. */
export const openConsole = async (surroundings: Surroundings, streams: ScreenStreams, settings: Settings): Promise<number> => {
	const {version, environment, options, clock, docker, health, host, files, inspection, git, commands} = surroundings;
	const [actor, configuration] = await Promise.all([surroundings.actor, surroundings.configuration]);
	return openOn({
		version, environment, options, streams, settings, actor,
		ports: {containers: docker.containers, logs: docker.logs, metrics: docker.metrics, host, health, files, inspection, git, commands, alerts: surroundings.alertsFor(settings), journal: surroundings.journalFor(actor, false), clock, outbox: outboxOnNeed({version, clock, environment, settings, authorities: surroundings.authorities, user: actor.user, configurationPath: configuration.path, runbookPath: options.runbook})},
		askActor: surroundings.mustAskActor(actor),
		drill: false,
		release() {
			docker.close();
		},
	});
};

/** Opens the screen and answers, when it is left, with the exit code. */
export const openOn = async (opening: Opening): Promise<number> => {
	const {version, environment, options, streams, settings, actor} = opening;
	const {clock: portsClock} = opening.ports;
	const clock = opening.machineClock ?? portsClock;
	const language = languageOf(environment, options.language, settings.language);
	const terminal = createTerminal({...streams, environment: {TERM: environment['TERM'], TMUX: environment['TMUX'], STY: environment['STY']}, clock});
	const runbooks = runbooksOnNeed(options.runbook ?? settings.runbook, language);
	const leaving = Promise.withResolvers<number>();
	const broken = guard(terminal, language, version);
	const initial = initialState({
		nowMs: portsClock.nowMs(), version, consoleId: consoleIdOf(process.pid, clock.nowMs()), settings, actor, askActor: opening.askActor, readOnly: options.readOnly, drill: opening.drill, drillRun: opening.drillRun ?? null,
		userAgent: userAgentOf(version), size: terminal.size(), hasScreen: true, commandNames: commandNames(language), serviceActionNames: serviceActionNames[language],
		canSend: true, compose: createComposer(languageOf(environment, settings.escalation.language, settings.language, options.language), settings.timeZone),
	});
	let suspend = (): void => undefined;
	let shell = (_place: ShellPlace): void => undefined;
	const incidentConsole = createIncidentConsole({
		ports: {...opening.ports, terminal, runbooks: opening.drill ? withoutDirectory(runbooks) : runbooks},
		initial,
		paintClock: clock,
		wantedProject: options.project,
		canPaint: terminal.isDrained,
		quit() {
			leaving.resolve(0);
		},
		suspend() {
			suspend();
		},
		shell(place) {
			shell(place);
		},
		broke(_name, error) {
			broken(error);
		},
	});
	const {store: own} = incidentConsole;
	incidentConsole.start();
	const store = opening.begin === undefined ? own : await opening.begin(own);
	const look = {language, timeZone: settings.timeZone, theme: {unicode: !options.ascii && isUnicode(environment), colour: hasColour(environment, options.colour)}};
	// From the first frame on every way out must give the terminal back, also while Ink is still loading.
	const stops = [
		terminal.onDrained(() => {
			store.drained();
		}),
		terminal.onGone(() => {
			leaving.resolve(129);
		}),
		keepMemorySmall(clock, () => store.state().view.keyRevision),
	];
	const stopSignals = onSignals(terminal, leaving.resolve);
	// Keys typed from here on wait for the screen instead of being echoed over it.
	streams.stdin.setRawMode(true);
	const frame = (): string => firstFrame(store.state(), look);
	await firstFacts(store, clock, frame);
	terminal.stdout.write(frame());
	store.dispatch({type: 'screen/drawn'});
	const {openScreen} = await import('../ui/render.tsx');
	const screen = openScreen({...look, store, stdout: terminal.stdout, stdin: streams.stdin, charts: createChartsPort(), clock: portsClock});
	const pauses = createPauses({terminal, suspend: screen.suspend, clock, engineHost: () => store.state().situation.engine.facts?.host ?? null});
	suspend = pauses.pause;
	shell = place => {
		void pauses.shell(place, language).then(store.dispatch);
	};
	stops.push(pauses.stop);
	const code = await leaving.promise;
	for (const stop of stops) {
		stop();
	}

	screen.close();
	terminal.restore(lastLine(store.state(), language, settings.timeZone));
	for (const line of await opening.farewell?.(store.state(), code) ?? []) {
		streams.stdout.write(`${line}\n`);
	}

	await incidentConsole.stop();
	// Until the journal has its last word: a line that drops sends SIGHUP twice, by the kernel and by the shell, and the second one must not kill us before.
	stopSignals();
	opening.release();
	leaveNow(code, opening.ports.journal.pendingSinceMs() !== null || (store.state().situation.host.disks.value?.silent.length ?? 0) > 0);
	return code;
};

/** Reading a page needs code and texts that the first frame does not: they are loaded when the page is read. */
const runbooksOnNeed = (path: string | null, language: Language): RunbooksPort => {
	const load = async (): Promise<RunbooksPort> => (await import('./runbooks.ts')).createRunbooks({path, language});
	return {read: async directory => (await load()).read(directory), parse: async (text, from, directory) => (await load()).parse(text, from, directory)};
};

/** In a drill the project's directory is pretended: no script of this machine is looked at. */
const withoutDirectory = (runbooks: RunbooksPort): RunbooksPort => ({read: async () => runbooks.read(null), parse: async (text, path) => runbooks.parse(text, path, null)});

const firstFactsWithinMs = 500;

/**
Waits for what the first frame is for (containers, pings, host), but never long: drawing an empty screen first would cost the useful one 50 ms. While the pings
are under way the frame is made once for nobody: the second time it takes 5 ms instead of 25.
*/
const firstFacts = async (store: Store, clock: Clock, draw: () => string): Promise<void> => {
	let isTried = false;
	const isUseful = (): boolean => {
		const {engine, containers, host, pings} = store.state().situation;
		return (engine.state === 'down' || containers.value !== null) && host.reading.value !== null && pings.every(ping => ping.last !== null || ping.target.via !== 'published');
	};

	// Looked at every millisecond: the store tells its listeners at most eight times a second.
	for (const endMs = clock.monotonicMs() + firstFactsWithinMs; !isUseful() && clock.monotonicMs() < endMs;) {
		await new Promise<void>(resolve => {
			clock.after(1, resolve);
		});
		if (!isTried && store.state().situation.containers.value !== null && !isUseful()) {
			isTried = true;
			draw();
		}
	}
};

/** A thread that hangs in a frozen disk would hold an ordinary exit for as long as the disk is frozen (measured: `process.exit` never returns). */
const leaveNow = (code: number, isThreadStuck: boolean): void => {
	if (isThreadStuck) {
		process.kill(process.pid, 'SIGKILL');
	}

	process.exit(code);
};

const onSignals = (terminal: Terminal, leave: (code: number) => void): (() => void) => {
	const handlers: ReadonlyArray<readonly [NodeJS.Signals, () => void]> = [
		['SIGHUP', () => {
			terminal.hangUp();
			leave(129);
		}],
		['SIGTERM', () => {
			leave(143);
		}],
		['SIGINT', () => {
			leave(130);
		}],
	];
	for (const [signal, handler] of handlers) {
		process.on(signal, handler);
	}

	return () => {
		for (const [signal, handler] of handlers) {
			process.off(signal, handler);
		}
	};
};

/** What is our bug leaves the terminal as it was, says so, and exits with 70. */
const guard = (terminal: Terminal, language: Language, version: string): ((error: unknown) => void) => {
	const broken = (error: unknown): void => {
		terminal.restore();
		process.stderr.write(`${cli[language].crashed(error instanceof Error ? error.stack ?? error.message : String(error), version)}\n`);
		process.exit(70);
	};

	process.on('uncaughtException', broken);
	process.on('unhandledRejection', broken);
	return broken;
};

/** One line on the normal screen says how things stood. */
const lastLine = (state: State, language: Language, timeZone: string | null): SafeText => {
	const say = cli[language];
	const {incident} = state;
	const running = state.runs.filter(run => run.phase === 'running').map(run => run.script);
	const how = standing(state);
	const sentence = state.drill
		? say.leftDrill
		: (how === 'outage' && incident !== null
			? say.leftOutage(createFormatter(language, timeZone).stopwatch(downMs(incident, state.nowMs)), incident.id)
			: (how === 'watching' && incident !== null ? say.leftWatching(incident.id) : {suspected: say.leftSuspected, healthy: say.leftHealthy, unknown: say.leftUnknown, outage: say.leftUnknown, watching: say.leftUnknown}[how]));
	return makeSafe([`mdc-console: ${sentence}`, ...running.map(script => say.leftRunning(script))].join(' '));
};
