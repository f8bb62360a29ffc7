/**
Questions that both `update` and the panes ask of the state: the layout now, what the log pane shows, which banners stand, how the whole
thing is doing. One answer for each, so that a key moves exactly what is seen.
*/

import {escalationOf, type Escalation} from './escalation.ts';
import {remindersOf, type Reminder} from './reminders.ts';
import {layoutFor, type Layout} from './layout.ts';
import {compilePattern, type LogLine, type LogQuery} from './log-book.ts';
import type {Failure, JournalPlace} from './ports.ts';
import {healthOf, oneOffsOf, servicesOf, staleForMs, type PingSituation, type ServiceSituation} from './situation.ts';
import type {Event, State} from './state.ts';
import {suspicionOf} from './update-alerts.ts';

/** A row of the containers pane: a container, or a service that has none. */
export type ContainerRow = {readonly service: string; readonly containerId: string | null; readonly indexed: boolean};

/** The rows of the containers pane, in order; `indexed` when the service is scaled. One-offs that run come last. */
export const containerRows = (state: State): readonly ContainerRow[] => [
	...servicesOf(state.situation).flatMap((service: ServiceSituation): ContainerRow[] => service.missing
		? [{service: service.name, containerId: null, indexed: false}]
		: service.containers.map(container => ({service: service.name, containerId: container.id, indexed: service.containers.length > 1}))),
	...oneOffsOf(state.situation).map(container => ({service: container.service, containerId: container.id, indexed: false})),
];

/** Something to say above all panes until it is over. */
export type Banner =
	| {readonly code: 'engine-down'; readonly failure: Failure; readonly sinceMs: number}
	| {readonly code: 'escalation-due'; readonly overdueMs: number}
	| Exclude<Reminder, {code: 'not-acknowledged'}>
	| {readonly code: 'no-project' | 'choose-project'; readonly count: number}
	| {readonly code: 'journal-stalled'; readonly sinceMs: number}
	| {readonly code: 'journal-failed'; readonly failure: Failure}
	| {readonly code: 'journal-left'; readonly project: string; readonly count: number}
	| {readonly code: 'journal-memory' | 'journal-own' | 'journal-aside'; readonly path: string}
	| {readonly code: 'run-overdue'; readonly action: string; readonly title: string | null; readonly overdueMs: number}
	| {readonly code: 'containers-failed'; readonly failure: Failure; readonly ageMs: number};

const journalPatienceMs = 2000;
const placeToldMs = 120_000;

/** The journal is written, but not where, or not onto what, one would expect: said for a while, and while an incident is open. */
const placeBanner = (place: JournalPlace | null): readonly Banner[] => {
	const aside = place?.failure?.params?.['movedTo'];
	if (place?.failure?.code === 'malformed' && typeof aside === 'string') {
		return [{code: 'journal-aside', path: aside}];
	}

	return place?.kind === 'own' && (place.failure?.code === 'denied' || place.failure?.code === 'read-only') ? [{code: 'journal-own', path: place.path}] : [];
};

/** What another project's journal has not taken; a console that only looks writes nothing anyway. */
const leftBanners = (state: State): readonly Banner[] => state.readOnly ? [] : Object.entries(state.leftBehind)
	.filter(([, drafts]) => drafts.some(({atMs}) => state.nowMs - atMs >= journalPatienceMs))
	.map(([project, drafts]) => ({code: 'journal-left', project, count: drafts.length}));

/** The banners, most urgent first. The screen shows the first two. */
export const bannersOf = (state: State): readonly Banner[] => {
	const banners: Banner[] = [];
	const {engine, project, containers} = state.situation;
	const escalation = escalationNow(state);
	if (escalation?.due === true) {
		banners.push({code: 'escalation-due', overdueMs: -escalation.remainingMs});
	}

	// Nobody has taken it: the header says so all the time.
	const reminders = remindersOf(state.incident, state.lastEnded, escalation, state.settings.escalation, state.nowMs).filter(reminder => reminder.code !== 'not-acknowledged');
	banners.push(...reminders.filter(({code}) => code === 'messages-failed'));

	if (engine.state === 'down' && engine.failure !== null) {
		banners.push({code: 'engine-down', failure: engine.failure, sinceMs: engine.sinceMs ?? state.nowMs});
	} else if (containers.failure !== null && staleForMs(containers.atMs, 15_000, state.nowMs) !== null) {
		banners.push({code: 'containers-failed', failure: containers.failure, ageMs: state.nowMs - (containers.atMs ?? state.openedAtMs)});
	}

	if (project.state === 'none' || project.state === 'ambiguous') {
		banners.push({code: project.state === 'none' ? 'no-project' : 'choose-project', count: project.candidates.length});
	}

	for (const run of state.runs) {
		if (run.phase === 'running' && run.startedAtMs !== null && state.nowMs - run.startedAtMs > run.deadlineMs) {
			banners.push({code: 'run-overdue', action: run.action, title: run.title, overdueMs: state.nowMs - run.startedAtMs - run.deadlineMs});
		}
	}

	const {journal} = state;
	const isUnwritten = journal.state === 'failed' || state.pending.some(draft => state.nowMs - draft.atMs >= journalPatienceMs);
	if (journal.pendingSinceMs !== null && state.nowMs - journal.pendingSinceMs >= journalPatienceMs) {
		// Kept by the journal itself and written as soon as the disk answers.
		banners.push({code: 'journal-stalled', sinceMs: journal.pendingSinceMs});
	} else if (journal.failure !== null && isUnwritten) {
		banners.push({code: 'journal-failed', failure: journal.failure});
	} else if (journal.place?.kind === 'memory' && !state.drill) {
		banners.push({code: 'journal-memory', path: journal.place.path});
	} else if (state.incident !== null || state.nowMs - state.openedAtMs < placeToldMs) {
		banners.push(...placeBanner(journal.place));
	}

	banners.push(...leftBanners(state));
	// What only reminds comes after what is wrong.
	return [...banners, ...reminders.filter(({code}) => code !== 'messages-failed')];
};

export const escalationNow = (state: State): Escalation | null => escalationOf(state.incident, state.settings.escalation, state.nowMs);

/** Where everything lies now. */
export const layoutOf = (state: State): Layout => layoutFor(state.view.size, {
	containers: Math.max(1, containerRows(state).length),
	pings: Math.max(1, state.situation.pings.length),
	disks: Math.max(1, state.situation.host.disks.value?.disks.length ?? 1),
	findings: state.findings.length,
	bannerRows: bannersOf(state).length,
	focus: state.view.focus,
	enlarged: state.view.enlarged,
});

const sinceMs = {'5m': 300_000, '1h': 3_600_000, all: null} as const;

/** What the log pane wants of the log book. Health lines are folded unless a search or filter is on. */
export const logQueryOf = (state: State): LogQuery => {
	const {service, since, filterIn, filterOut} = state.view.log;
	const span = sinceMs[since];
	return {
		services: service === null ? null : new Set([service]),
		sinceMs: span === null ? null : state.nowMs - span,
		filterIn: filterIn === null ? null : compilePattern(filterIn),
		filterOut: filterOut === null ? null : compilePattern(filterOut),
		showHealth: filterIn !== null,
	};
};

/** The lines that the log pane shows: `count` of them, the last one the newest when following, else the anchored one. */
export const logWindowOf = (state: State, count: number): readonly LogLine[] => {
	const {follow, anchor} = state.view.log;
	const query = logQueryOf(state);
	const lines = state.logBook.before(follow ? null : anchor, query, count);
	// Anchored near the beginning the window still fills: what comes after the anchor takes the free rows.
	return follow || lines.length >= count ? lines : [...lines, ...state.logBook.after(lines.at(-1) ?? anchor, query, count - lines.length)];
};

/** The one word for how things stand: what the header, `status` and the line left on the normal screen say. */
export const standing = (state: State): 'outage' | 'suspected' | 'watching' | 'healthy' | 'unknown' => {
	if (state.incident !== null) {
		return state.incident.state === 'mitigated' ? 'watching' : 'outage';
	}

	const health = healthOf(state.situation);
	return health === 'unhealthy' || suspicionOf(state) !== null ? 'suspected' : (health === 'healthy' ? 'healthy' : 'unknown');
};

const dismissedForMs = 30 * 60_000;
/** An end bears the instant of the clock's last tick, an answer its own: what failed within the same tick was on the screen. */
const tickMs = 1500;

/** A person ended the incident while this very failure was going on: it opens no other one by itself until something new fails or all was well in between. */
export const isDismissed = (state: State): boolean => {
	const endedAtMs = state.lastEnded?.endedAtMs ?? null;
	const failing = state.situation.pings.filter(ping => ping.target.decisive && ping.last?.ok === false);
	if (endedAtMs === null || failing.length === 0) {
		return false;
	}

	// A console opened anew has seen no health since: for a while it takes the failure for the one that was dismissed.
	const sawHealth = (state.situation.healthyAtMs ?? -Infinity) > endedAtMs || failing.some(ping => (ping.lastGoodAtMs ?? -Infinity) > endedAtMs);
	const failedThen = (ping: PingSituation): boolean => ping.firstBadAtMs !== null && ping.firstBadAtMs <= endedAtMs + tickMs;
	// One that had not answered yet when the person decided, and was never seen good, is part of what she saw: in a console just opened its first answer may come after the key.
	const isOld = failing.some(ping => failedThen(ping)) && failing.every(ping => failedThen(ping) || ping.lastGoodAtMs === null);
	return isOld || (!sawHealth && state.openedAtMs > endedAtMs && state.nowMs - endedAtMs < dismissedForMs);
};

/**
How soon an event must be seen. `now`: the operator did something. `soon`: something happened. `calm`: a number moved a little on a screen where all
is well; such changes wait and come together, since each of them costs the rest of its row on a thin line.
*/
export type Urgency = 'now' | 'soon' | 'calm';

const calmEvents: ReadonlySet<Event['type']> = new Set([
	'clock/ticked', 'ping/answered', 'containers/measured', 'host/read', 'host/disksRead', 'host/processesRead', 'host/kernelKillsRead', 'host/identified',
	'engine/reached', 'project/found', 'containers/listed', 'container/happened', 'container/inspected', 'log/advanced', 'journal/stored', 'journal/leased', 'database/probed', 'tools/found',
	'alerts/prometheusRead', 'alerts/alertmanagerRead',
]);

export const urgencyOf = (event: Event, before: State, after: State): Urgency => {
	if (event.type === 'key/pressed' || event.type === 'text/pasted' || event.type === 'screen/resized') {
		return 'now';
	}

	const isWell = standing(after) === 'healthy' && standing(before) === 'healthy';
	const isSame = before.findings === after.findings && before.view === after.view && before.runs === after.runs && before.situation.engine.state === after.situation.engine.state
		&& before.situation.project.state === after.situation.project.state && before.journal.state === after.journal.state;
	const isQuiet = event.type === 'log/advanced' ? !event.isVisible : (event.type !== 'container/happened' || event.event.kind === 'health')
		&& (event.type !== 'ping/answered' || event.answer.ok) && (event.type !== 'containers/listed' || before.situation.containers.value !== null);
	return isWell && isSame && isQuiet && calmEvents.has(event.type) && after.view.overlay === null && after.view.prompt === null ? 'calm' : 'soon';
};

/** `y` counts on a card only so long after it was painted: an echo or a key typed blindly must not run anything. */
export const confirmAfterMs = 300;
