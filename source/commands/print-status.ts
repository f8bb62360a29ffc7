/** Composes `status` and prints it: the JSON document, or the same facts as lines for a person. */

import {stripVTControlCharacters} from 'node:util';
import {actionById} from '../core/actions.ts';
import type {Finding} from '../core/diagnosis.ts';
import {downMs, type Incident} from '../core/incident.ts';
import type {Settings} from '../core/settings.ts';
import type {State} from '../core/state.ts';
import {initialState} from '../core/update.ts';
import {alertNowOf} from '../core/update-alerts.ts';
import {actionTitleOf} from '../messages/action-titles.ts';
import {alertLine, sourceName} from '../messages/alerts.ts';
import {cli} from '../messages/cli.ts';
import {evidenceSentence} from '../messages/evidence.ts';
import {findingSentence} from '../messages/finding-words.ts';
import {failureSentence} from '../messages/failures.ts';
import {createFormatter, type Formatter} from '../messages/format.ts';
import type {Language} from '../messages/language.ts';
import {createPen, ink, type Pen} from '../ui/pen.ts';
import {drawContainers} from '../ui/panes/containers.ts';
import {pageName} from '../ui/panes/diagnosis.ts';
import {drawHealth} from '../ui/panes/health.ts';
import type {Theme} from '../ui/theme.ts';
import {containerRows} from '../core/screen.ts';
import {makeSafe} from '../core/text.ts';
import {exitCodeOf, lookOnce, statusDocument} from './status.ts';
import {languageOf, userAgentOf} from './invocation.ts';
import type {Surroundings} from './surroundings.ts';

export type StatusOutput = {readonly json: boolean; /** Null: as long as is usual. */ readonly waitMs: number | null; readonly plain: boolean; readonly out: (line: string) => void; readonly theme: Theme};

const columns = 100;

export const runStatus = async (surroundings: Surroundings, settings: Settings, output: StatusOutput): Promise<number> => {
	const {version, environment, options, clock, docker, health, host, files} = surroundings;
	const actor = await surroundings.actor;
	const state = await lookOnce({
		initial: initialState({
			nowMs: clock.nowMs(), version, consoleId: 'status', settings, actor, askActor: false, readOnly: true, drill: false,
			userAgent: userAgentOf(version), size: {columns, rows: 40}, commandNames: {},
		}),
		ports: {containers: docker.containers, metrics: docker.metrics, logs: docker.logs, host, health, files},
		journal: surroundings.journalFor(actor, true),
		alerts: surroundings.alertsFor(settings),
		clock,
		project: options.project,
		...(output.waitMs === null ? {} : {waitMs: output.waitMs}),
	});
	docker.close();
	if (output.json) {
		output.out(JSON.stringify(statusDocument(state, createFormatter(languageOf(environment, options.language, settings.language), settings.timeZone)), null, 2));
	} else {
		for (const line of statusLines(state, languageOf(environment, options.language, settings.language), settings.timeZone, output.theme)) {
			// Into a pipe or a file goes text alone.
			output.out(output.plain ? stripVTControlCharacters(line) : line);
		}
	}

	return exitCodeOf(state);
};

/** A finding as its pane shows it, with the commands in place of the keys. */
const findingLines = (finding: Finding, state: State, pen: Pen): readonly string[] => {
	const {language, format} = pen;
	const page = pageName(finding, pen).short;
	const cause = state.findings.find(({code, service}) => finding.causedBy !== null && code === finding.causedBy.code && service === finding.causedBy.service);
	return [
		`- ${findingSentence(language, finding, format)}${page === '' ? '' : ` (${page})`}`,
		...(cause === undefined ? [] : [`    ${pen.sayDiagnosis.becauseOf(findingSentence(language, cause, format))}`]),
		...finding.evidence.map(evidence => `    ${evidenceSentence(language, evidence, format)}`),
		// What follows from another finding is cured with it.
		...(cause === undefined ? finding.actions.filter(id => actionById(id) !== null).map(id => `    → ${actionTitleOf(language, {id})}: mdc-console run ${id}`) : []),
	];
};

const incidentLine = (incident: Incident, nowMs: number, language: Language, format: Formatter): string => {
	const {id, outage, mitigatedAtMs} = incident;
	const words = [id, format.moment(outage.sinceMs, nowMs), format.seconds(downMs(incident, nowMs)), outage.atLeast] as const;
	return incident.state === 'mitigated' && mitigatedAtMs !== null ? cli[language].incidentWatched(...words, format.moment(mitigatedAtMs, nowMs)) : cli[language].incidentOpen(...words);
};

/** The situation as lines: the verdict, what fails and why, then containers and pings as on the screen. */
export const statusLines = (state: State, language: Language, timeZone: string | null, theme: Theme): readonly string[] => {
	const say = cli[language];
	const pen = createPen(language, timeZone, theme);
	const format = createFormatter(language, timeZone);
	const {situation, incident} = state;
	const code = exitCodeOf(state);
	const name = situation.project.facts?.name ?? '';
	const verdict = code === 0 ? say.healthy(name) : (code === 1 ? say.unhealthy(name) : say.cannotTell(name));
	const engine = situation.engine.failure === null ? null : failureSentence(language, situation.engine.failure);
	return [
		verdict,
		...(engine === null ? [] : [makeSafe(`${engine.title}. ${engine.remedy}`)]),
		...(situation.project.state === 'ambiguous' ? [say.severalProjects(situation.project.candidates.map(project => project.name).join(', '))] : []),
		...(situation.project.state === 'none' && engine === null ? [say.noProject] : []),
		...(incident === null ? [] : [incidentLine(incident, state.nowMs, language, format)]),
		...alertNowOf(state).views.map(view => `${sourceName(view.source)}: ${alertLine(language, view, format, state.nowMs)}`),
		...state.findings.flatMap(finding => findingLines(finding, state, pen)),
		...(situation.containers.value === null ? [] : ink(drawContainers(state, {width: columns, height: Math.max(1, containerRows(state).length) + 2}, pen), pen).split('\n')),
		...ink(drawHealth(state, {width: columns, height: situation.pings.length + 2}, pen), pen).split('\n'),
	];
};
