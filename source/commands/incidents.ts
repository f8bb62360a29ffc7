/**
`mdc-console incidents`: the journals of this machine, read after the fact. Hides how the record is found, and what is said when a journal cannot be
read: what can be told is told, and the exit code says that it may not be all.

0 told; 1 there is no such thing to tell; 2 a journal could not be read, so it may be missing; 64 no incident is called so.
*/

import {fairly} from '../core/fair-deadline.ts';
import {inTime} from '../core/in-time.ts';
import type {Clock} from '../core/ports.ts';
import {findIncident, selectIncidents, type IncidentRecord, type JournalArchive} from '../core/incident-archive.ts';
import {statsOf} from '../core/incident-stats.ts';
import {reportOf, type Report} from '../core/incident-report.ts';
import {makeSafe} from '../core/text.ts';
import {defaultSettings, type Settings} from '../core/settings.ts';
import {createFormatter, type Formatter} from '../messages/format.ts';
import {incidentLines, incidentListLines, incidents, unreadableLine} from '../messages/incidents.ts';
import type {Language} from '../messages/language.ts';
import {lastMonths} from '../messages/months.ts';
import {statsLines} from '../messages/stats.ts';
import {reportDocumentOf} from '../messages/report.ts';
import {renderChart} from '../messages/report-chart.ts';
import {renderMetrics} from '../messages/report-metrics.ts';
import {renderHtml} from '../messages/report-html.ts';
import {renderMarkdown} from '../messages/report-markdown.ts';
import {createStamp, type Stamp} from '../messages/stamp.ts';
import {toAscii} from '../ui/theme.ts';
import type {IncidentsRequest, ReportFormat} from './incidents/arguments.ts';
import {listDocument, reportDocument, statsDocument} from './incidents/documents.ts';
import {writeFileWhole} from './init/write-file.ts';
import {exportEntries} from './incidents/export.ts';
import {writeHistoryRow} from './incidents/history-row.ts';
import {verifyJournals} from './incidents/verify.ts';
import {languageOf} from './invocation.ts';
import {leaveHangingThread} from './leave.ts';
import type {Surroundings} from './surroundings.ts';

export type IncidentsOutput = {
	readonly out: (line: string) => void;
	readonly err: (line: string) => void;
	/** The settings, or the exit code after the configuration was refused. */
	readonly settings: () => Promise<Settings | number>;
	readonly ascii: boolean;
	/** Of the terminal; 0 into a pipe or a file, where nothing is cut. */
	readonly columns: number;
};

/** What every sub-command works with. */
export type Reading = {
	readonly archive: JournalArchive;
	readonly language: Language;
	readonly configuredRunbook: string | null;
	/** By --language, not by the configuration or the locale. */
	readonly isLanguageChosen: boolean;
	readonly format: Formatter;
	readonly stamp: Stamp;
	readonly nowMs: number;
	/** A line for a person; `print`: as it is, whatever the terminal. */
	readonly say: (line: string) => void;
	readonly print: (text: string) => void;
	readonly err: (line: string) => void;
	readonly columns: number;
};

const settingsWithinMs = 1500;
const uncut = 10_000;

export const runIncidents = async (surroundings: Surroundings, request: IncidentsRequest, output: IncidentsOutput): Promise<number> => {
	const {clock, docker, environment, options} = surroundings;
	const port = surroundings.archive();
	if (request.kind === 'verify') {
		return verifyJournals(surroundings, port, request, output);
	}

	const [settings, answer] = await Promise.all([settingsInTime(output.settings, clock), port.read(options.project, request.kind === 'show' || request.kind === 'report' || request.kind === 'export' ? 'whole' : 'figures')]);
	await port.close();
	docker.close();
	if (typeof settings === 'number') {
		return settings;
	}

	const language = languageOf(environment, options.language, settings.language);
	const archive: JournalArchive = answer.ok ? answer.value : {journals: [], failures: [answer.failure]};
	for (const failure of archive.failures) {
		output.err(unreadableLine(language, failure));
	}

	const code = await answerRequest(request, {
		archive, language, configuredRunbook: settings.runbook, isLanguageChosen: options.language !== 'auto', format: createFormatter(language, settings.timeZone), stamp: createStamp(settings.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone),
		nowMs: clock.nowMs(), say(line) {
			output.out(output.ascii ? toAscii(line) : line);
		}, print: output.out, err: output.err, columns: output.columns === 0 ? uncut : output.columns,
	});
	if (archive.failures.some(failure => failure.code === 'timed-out')) {
		await leaveHangingThread();
	}

	return code;
};

/** The settings are asked of the project's directory, that of the engine, and an engine that hangs must not keep the record from anybody. */
const settingsInTime = async (ask: IncidentsOutput['settings'], clock: Clock): Promise<Settings | number> => inTime(fairly(clock), settingsWithinMs, ask(), defaultSettings);

const answerRequest = async (request: Exclude<IncidentsRequest, {readonly kind: 'verify'}>, reading: Reading): Promise<number> => {
	switch (request.kind) {
		case 'list': {
			return list(request, reading);
		}

		case 'show': {
			return withReport(reading, request.id, report => {
				if (request.json) {
					reading.print(JSON.stringify(reportDocument(report), null, 2));
				} else {
					for (const line of incidentLines(reading.language, report, reading.format, reading.stamp)) {
						reading.say(line);
					}
				}

				return told(reading);
			});
		}

		case 'report': {
			return withReport(reading, request.id, async report => writeReport(request, reading, report));
		}

		case 'export': {
			return exportEntries(request, reading);
		}

		case 'stats': {
			return stats(request, reading);
		}

		case 'history-row': {
			return withReport(reading, request.id, async report => writeHistoryRow(request, {...reading, report}));
		}
	}
};

const textOf = (format: ReportFormat, report: Report, {language, format: formatter, stamp}: Reading): string => {
	const document = reportDocumentOf(language, report, formatter, stamp);
	switch (format) {
		case 'markdown': {
			return renderMarkdown(document);
		}

		case 'html': {
			return renderHtml(document, {chart: renderChart(language, report, stamp), metrics: renderMetrics(language, report, stamp, formatter)});
		}

		case 'json': {
			return `${JSON.stringify(reportDocument(report), null, 2)}\n`;
		}
	}
};

const writeReport = async (request: IncidentsRequest & {readonly kind: 'report'}, reading: Reading, report: Report): Promise<number> => {
	const text = textOf(request.format, report, reading);
	if (request.output === null) {
		reading.print(text.trimEnd());
		return told(reading);
	}

	return writeText(request.output, text, request.force, reading);
};

/** Writes what was asked for into a file, and says so. */
export const writeText = async (output: string, text: string, force: boolean, reading: Reading): Promise<number> => {
	const say = incidents[reading.language];
	// Readable for its owner alone: what an incident tells of a server is nobody else's business until she sends it.
	const answer = await writeFileWhole(output, text, force, 0o600);
	const path = makeSafe(output);
	if (!answer.ok) {
		reading.err(answer.error === 'EEXIST' ? say.existsAlready(path) : say.notWritten(path, answer.error));
		return 1;
	}

	reading.say(say.written(path));
	return told(reading);
};

/** All is told, unless a journal is missing from it. */
export const told = ({archive}: Reading): number => archive.failures.length > 0 ? 2 : 0;

const list = (request: IncidentsRequest & {readonly kind: 'list'}, reading: Reading): number => {
	const {archive, language, nowMs, say, print, columns} = reading;
	const isFiltered = request.state !== null || request.sinceMs !== null;
	const records = selectIncidents(archive, {state: request.state, sinceMs: request.sinceMs === null ? null : nowMs - request.sinceMs});
	const reports = records.map(record => reportOf(record, nowMs, 'summary'));
	if (request.json) {
		print(JSON.stringify(listDocument(reports, archive.failures), null, 2));
	} else if (reports.length > 0) {
		for (const line of incidentListLines(language, reports, reading, columns)) {
			say(line);
		}
	} else if (archive.failures.length === 0) {
		say(isFiltered ? incidents[language].noneMatching : incidents[language].none);
	}

	return told(reading);
};

/** Instants may lie before the first entry's: an outage is known from when it began. */
const recordedFrom = ({journals}: JournalArchive, project: string): number | null => {
	const first = journals.filter(journal => journal.project === project).flatMap(({entries}) => entries[0] === undefined ? [] : [entries[0].atMs]);
	return first.length === 0 ? null : Math.max(0, Math.min(...first));
};

const stats = (request: IncidentsRequest & {readonly kind: 'stats'}, reading: Reading): number => {
	const {archive, language, format, stamp, nowMs, say, print} = reading;
	const months = lastMonths(nowMs, request.months, stamp);
	const since = months[0]?.fromMs ?? nowMs;
	const reports = selectIncidents(archive, {state: null, sinceMs: since}).map(record => reportOf(record, nowMs, 'summary'));
	const projects = [...new Set(archive.journals.map(({project}) => project))].sort();
	const all = projects.map(project => statsOf(project, reports.filter(report => report.project === project), {months, nowMs, recordedFromMs: recordedFrom(archive, project)}, request.sla));
	if (request.json) {
		print(JSON.stringify(statsDocument(all, months, request.sla), null, 2));
		return told(reading);
	}

	if (all.length === 0 && archive.failures.length === 0) {
		say(incidents[language].none);
	}

	for (const [index, one] of all.entries()) {
		for (const line of [...(index === 0 ? [] : ['']), ...statsLines(language, one, request.sla, format, stamp)]) {
			say(line);
		}
	}

	return told(reading);
};

/** Finds the incident that is meant, or says why not. */
export const withReport = async (reading: Reading, id: string, use: (report: Report, record: IncidentRecord) => number | Promise<number>): Promise<number> => {
	const {archive, language, nowMs, err} = reading;
	const say = incidents[language];
	const named = findIncident(selectIncidents(archive, {state: null, sinceMs: null}), id);
	switch (named.found) {
		case 'one': {
			return use(reportOf(named.record, nowMs), named.record);
		}

		case 'several': {
			err(say.severalFound(makeSafe(id), named.records.slice(0, 8).map(({incident, project}) => `${incident.id} (${project})`).join(', ')));
			return wrongUsage;
		}

		case 'none': {
			if (id === 'last') {
				err(say.none);
			} else {
				err(say.notFound(makeSafe(id)));
			}

			// It may be in the journal that could not be read.
			return archive.failures.length > 0 ? 2 : (id === 'last' ? 1 : wrongUsage);
		}
	}
};

const wrongUsage = 64;
