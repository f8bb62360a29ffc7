/** Incidents as JSON. The shape is documented in docs/incidents-json.md and stable: fields may be added, never renamed; `schemaVersion` rises if one goes. */

import {cleanData, type Report} from '../../core/incident-report.ts';
import type {Month, Spread, Stats} from '../../core/incident-stats.ts';
import type {VerifiedJournal} from '../../core/incident-archive.ts';
import type {Failure, JournalEntry} from '../../core/ports.ts';
import {redact} from '../../core/redaction.ts';
import {makeSafe} from '../../core/text.ts';

const schemaVersion = 1;

const iso = (atMs: number | null | undefined): string | null => atMs === null || atMs === undefined ? null : new Date(atMs).toISOString();
const seconds = (spanMs: number): number => Math.round(spanMs / 1000);

const summary = (report: Report) => ({
	id: report.id,
	project: report.project,
	state: report.state,
	alert: report.alert,
	severity: report.severity,
	impactBegan: {at: iso(report.impactBegan.atMs), source: report.impactBegan.source, atLeast: report.impactBegan.atLeast},
	detected: {at: iso(report.detected.atMs), by: report.detected.by, actor: report.detected.actor},
	acknowledged: report.acknowledged === null ? null : {at: iso(report.acknowledged.atMs), actor: report.acknowledged.actor},
	mitigated: report.mitigated === null ? null : {at: iso(report.mitigated.atMs), by: report.mitigated.by},
	ended: report.ended === null ? null : {at: iso(report.ended.atMs), how: report.ended.how, byWatch: report.ended.byWatch, actor: report.ended.actor, reason: report.ended.reason, against: report.ended.against},
	closedAt: iso(report.closedAtMs),
	durationSeconds: seconds(report.durationMs),
	downSeconds: seconds(report.downMs),
	isDown: report.isDown,
	reopened: report.reopened,
	scenario: report.scenario,
	findings: report.findings,
	actionsCount: report.actions.length,
	postMortemRequired: report.postMortemRequired,
	dutiesOpen: report.dutiesLeft,
	lead: report.lead ?? report.acknowledged?.actor ?? null,
});

/** `incidents --json`. */
export const listDocument = (reports: readonly Report[], failures: readonly Failure[]) => ({
	schemaVersion,
	incidents: reports.map(report => summary(report)),
	unreadable: failures.map(({code, detail, params}) => ({code, detail, path: params?.['path'] ?? null})),
});

/** `incidents show --json`, and the report as JSON. */
export const reportDocument = (report: Report) => ({
	schemaVersion,
	incident: {
		...summary(report),
		outages: report.outages.map(({fromMs, toMs}) => ({from: iso(fromMs), to: iso(toMs)})),
		clockSteps: report.clockSteps,
		duties: report.duties.map(({id, kind, text, required, mark}) => ({id, kind, text, required, state: mark?.state ?? (required ? 'open' : 'not-required'), by: mark?.by ?? null, at: iso(mark?.atMs), note: mark?.note ?? null})),
		responders: report.responders,
		actions: report.actions.map(({confirmedAtMs, startedAtMs, endedAtMs, verifiedAtMs, ...action}) => ({
			...action, confirmedAt: iso(confirmedAtMs), startedAt: iso(startedAtMs), endedAt: iso(endedAtMs), verifiedAt: iso(verifiedAtMs),
		})),
		messages: report.messages.map(({atMs, ...message}) => ({at: iso(atMs), ...message})),
		metrics: report.metrics.map(({atMs, cpu, memory, disk, latency}) => ({at: iso(atMs), cpu, memory, disk, latencyMs: latency})),
		keptLines: report.keptLines.map(({atMs, ...kept}) => ({at: iso(atMs), ...kept})),
		timeline: report.timeline.map(({sequence, atMs, actor, type, data}) => ({sequence, at: iso(atMs), actor, type, data})),
	},
});

const spreadDocument = (spread: Spread | null) => spread === null ? null : {count: spread.count, meanSeconds: seconds(spread.meanMs), medianSeconds: seconds(spread.medianMs)};

/** `incidents stats --json`. */
export const statsDocument = (all: readonly Stats[], months: readonly Month[], sla: number) => ({
	schemaVersion,
	sla,
	projects: all.map(stats => ({
		project: stats.project,
		recordedFrom: iso(stats.recordedFromMs),
		incidents: stats.incidents,
		falseAlarms: stats.falseAlarms,
		detect: spreadDocument(stats.detect),
		acknowledge: spreadDocument(stats.acknowledge),
		mitigate: spreadDocument(stats.mitigate),
		resolve: spreadDocument(stats.resolve),
		byScenario: stats.byScenario.map(({downMs, ...rest}) => ({...rest, downSeconds: seconds(downMs)})),
		months: stats.months.map(({label, downMs, allowedMs, ...rest}, index) => ({
			month: label, from: iso(months[index]?.fromMs), to: iso(months[index]?.toMs), ...rest, downSeconds: seconds(downMs), allowedSeconds: seconds(allowedMs),
		})),
	})),
});

/** A line of `incidents export`: the entry as it was recorded, without what nobody but the console needs. */
export const exportedEntry = (project: string, {sequence, atMs, actor, incident, type, data, bootId, monotonicMs}: JournalEntry) => {
	const clean = (text: string | null): string | null => text === null ? null : redact(makeSafe(text));
	return {
		project, sequence, at: Math.abs(atMs) <= 8.64e15 ? iso(atMs) : null, incident: clean(incident), type: clean(type),
		actor: {name: clean(actor.name), user: clean(actor.user), sudoUser: clean(actor.sudoUser), host: clean(actor.host), tty: clean(actor.tty), from: clean(actor.from)},
		data: cleanData(data), bootId: clean(bootId), monotonicMs,
	};
};

/** `incidents verify --json`. */
export const verifyDocument = (journals: readonly VerifiedJournal[], failures: readonly Failure[], stateOf: (journal: VerifiedJournal) => string) => ({
	schemaVersion,
	journals: journals.map(journal => {
		const {project, path, waiting, answer} = journal;
		const told = {project, path, waiting, state: stateOf(journal)};
		if (!answer.ok) {
			return {...told, failure: {code: answer.failure.code, detail: answer.failure.detail}};
		}

		const {entries, head, firstBreak, cutOff, sealedUpTo, movedIn, hasHead} = answer.value;
		return {...told, entries, head, firstBroken: firstBreak, missingAtEnd: cutOff, sealedUpTo, hasHead, movedIn: movedIn.map(({atMs, ...rest}) => ({...rest, at: iso(atMs)}))};
	}),
	unreadable: failures.map(({code, detail, params}) => ({code, detail, path: params?.['path'] ?? null})),
});
