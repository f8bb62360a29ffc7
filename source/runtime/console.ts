/**
The running console without its screen: store, sources, log streams, runs and journal, wired to ports. The screen, `status` and the tests sit on
top of it. It hides which effect goes where.
*/

import {isAnswered} from '../core/compose-tools.ts';
import type {Clock, CommandsPort, ContainersPort, FilesPort, GitPort, HealthPort, HostPort, JournalPort, LogsPort, MetricsPort, RunbooksPort, TerminalPort} from '../core/ports.ts';
import type {AlertsPort} from '../core/alert-sources.ts';
import type {InspectionPort} from '../core/inspection.ts';
import type {Effect, Event, State} from '../core/state.ts';
import {update} from '../core/update.ts';
import type {ShellPlace} from '../core/update-shell.ts';
import {createAlertSources} from './alert-sources.ts';
import {createChecks} from './checks.ts';
import {createDiagnosisSources} from './diagnosis-sources.ts';
import {createJournalPump} from './journal-pump.ts';
import {createLogStreams} from './log-streams.ts';
import {createOutbox, noOutboxPorts, type OutboxPorts} from './outbox.ts';
import {createRunbookReading} from './runbook-reading.ts';
import {createPreviews} from './preview.ts';
import {createRuns} from './run.ts';
import {createSources} from './sources.ts';
import {createStore, type Store} from './store.ts';
import {createWatch, type Source, type Watch} from './watch.ts';

export type ConsolePorts = {
	readonly containers: ContainersPort;
	readonly logs: LogsPort;
	readonly metrics: MetricsPort;
	readonly host: HostPort;
	readonly health: HealthPort;
	readonly files: FilesPort;
	readonly git: GitPort;
	readonly inspection: InspectionPort;
	/** Null where no alert source is configured. */
	readonly alerts?: AlertsPort | null;
	readonly commands: CommandsPort;
	readonly journal: JournalPort;
	readonly runbooks: RunbooksPort;
	readonly terminal: TerminalPort;
	readonly clock: Clock;
	/** Left out where nothing can be sent. */
	readonly outbox?: OutboxPorts;
};

export type ConsoleOptions = {
	readonly ports: ConsolePorts;
	readonly initial: State;
	readonly wantedProject: string | null;
	readonly canPaint: () => boolean;
	/** By which painting is paced, where the ports' time is not the machine's: a drill whose hours go by in minutes. */
	readonly paintClock?: Clock;
	/** The operator asked to leave. */
	readonly quit: () => void;
	readonly suspend: () => void;
	/** Lends the terminal to a shell; `shell/closed` comes when it is back. */
	readonly shell?: (place: ShellPlace) => void;
	/** A bug of ours in a source. The screen gives the terminal back, tells it and ends with 70; a command without a screen tells it and goes on. */
	readonly broke: (name: string, error: unknown) => void;
};

export type IncidentConsole = {
	readonly store: Store;
	start(): void;
	/** Stops looking; what runs goes on. The journal gets its last second. */
	stop(): Promise<void>;
};

const tickMs = 1000;
const findRunsMs = 3000;
const findRunsSoonMs = 250;

export const createIncidentConsole = (options: ConsoleOptions): IncidentConsole => {
	const {ports, initial, wantedProject, canPaint, quit, suspend, shell = () => undefined, broke} = options;
	const {clock} = ports;
	let watch: Watch | null = null;
	let project: string | null = null;

	const perform = (effect: Effect): void => {
		switch (effect.type) {
			case 'journal/append': {
				journal.append(effect.drafts);
				return;
			}

			case 'run/claim': {
				runs.claim(effect.request);
				return;
			}

			case 'run/read': {
				runs.read(effect.request);
				return;
			}

			case 'run/cancel': {
				runs.cancel(effect.id, effect.how);
				return;
			}

			case 'run/discard': {
				runs.discard(effect.id);
				return;
			}

			case 'compose/compare': {
				runs.compare(effect);
				return;
			}

			case 'preview/look': {
				previews.look(effect);
				return;
			}

			case 'preview/stop': {
				previews.stop();
				return;
			}

			case 'git/look': {
				previews.lookAtGit(effect.directory);
				return;
			}

			case 'containers/refresh': {
				watch?.hasten('engine');
				return;
			}

			case 'disks/refresh': {
				watch?.hasten('disks');
				return;
			}

			case 'pings/hasten': {
				for (const {target} of store.state().situation.pings) {
					watch?.hasten(`ping:${target.name}`);
				}

				return;
			}

			case 'silence/put':
			case 'silence/lift': {
				alertSources.perform(effect);
				return;
			}

			case 'database/probe': {
				sources.probeDatabase();
				return;
			}

			case 'diagnosis/probe': {
				void diagnosis.probe(effect);
				return;
			}

			case 'check/run': {
				checks.run(effect.id);
				return;
			}

			case 'message/send':
			case 'timer/arm':
			case 'timer/disarm': {
				outbox.perform(effect);
				return;
			}

			case 'log/deepen': {
				logStreams.deepen();
				return;
			}

			case 'runbook/thaw': {
				runbook.thaw(effect.path, effect.text);
				return;
			}

			case 'project/choose': {
				sources.choose(effect.name);
				watch?.hasten('engine');
				return;
			}

			case 'typed/keep': {
				journal.keepTyped(effect.texts);
				return;
			}

			case 'terminal/bell': {
				ports.terminal.bell();
				return;
			}

			case 'terminal/copy': {
				if (!ports.terminal.copy(effect.text)) {
					store.dispatch({type: 'copy/refused', atMs: clock.nowMs()});
				}

				return;
			}

			case 'console/quit': {
				quit();
				return;
			}

			case 'console/suspend': {
				suspend();
				return;
			}

			case 'console/shell': {
				shell(effect.place);
			}
		}
	};

	// Who is followed depends on the containers, on what fails and on the selection.
	const observed = (event: Event): void => {
		if (event.type === 'project/found' && event.facts.name !== project) {
			if (project !== null) {
				journal.switched();
				runs.switched();
			}

			project = event.facts.name;
			watch?.hasten('journal');
			watch?.hasten('runs');
		}

		// Going over a thousand old lines takes as long as the first frame's own drawing: after it.
		if (!store.state().awaitsFrame && (event.type.startsWith('container') || event.type === 'ping/answered' || event.type === 'key/pressed' || event.type === 'screen/drawn')) {
			logStreams.reconcile();
		}

		alertSources.follow(name => watch?.hasten(name));
	};

	const store = createStore({initial, update, perform, clock: options.paintClock ?? clock, canPaint, observed});
	const sources = createSources({store, ports, clock, wantedProject, hasten: name => watch?.hasten(name)});
	const alertSources = createAlertSources({store, alerts: ports.alerts ?? null});
	const diagnosis = createDiagnosisSources({store, ports, clock});
	const logStreams = createLogStreams({store, logs: ports.logs, clock});
	const runs = createRuns({store, commands: ports.commands, clock});
	const runbook = createRunbookReading({store, runbooks: ports.runbooks, broke});
	const previews = createPreviews({store, commands: ports.commands, git: ports.git});
	const checks = createChecks({store, ports, clock});
	const outbox = createOutbox({store, ports: ports.outbox ?? noOutboxPorts, broke});
	const journal = createJournalPump({store, journal: ports.journal, clock});

	const tick: Source = {
		name: 'clock',
		// On the second, so that the clock on the screen steps evenly.
		intervalMs: () => tickMs - (clock.nowMs() % tickMs),
		async look() {
			store.dispatch({type: 'clock/ticked', nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs()});
			return true;
		},
	};

	return {
		store,
		start() {
			watch = createWatch(clock, [
				...sources.list,
				...diagnosis.list,
				...alertSources.list,
				tick,
				checks.source,
				...journal.sources,
				runbook.source,
				// Until the project is known there is nothing to find; a run that goes on from before must be on the screen at once.
				{name: 'runs', intervalMs: () => store.state().situation.project.facts === null ? findRunsSoonMs : findRunsMs, firstAfterMs: 300, look: runs.find},
				{name: 'tools', intervalMs: () => isAnswered(store.state().tools) ? 3_600_000 : 30_000, firstAfterMs: 400, look: runs.findTools},
			], broke);
		},
		async stop() {
			watch?.stop();
			sources.stop();
			logStreams.stop();
			runs.stop();
			previews.stop();
			store.close();
			await journal.close();
		},
	};
};
