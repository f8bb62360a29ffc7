/**
`mdc-console doctor`: what was found, what is missing, and the remedy for each. Hides how the answers are gathered (all at once,
each with a deadline, so that one dead disk or engine cannot hold the rest) and how they are printed, as lines or as JSON.
*/

import type {ConfigurationResult} from '../config.ts';
import {inTime} from '../core/in-time.ts';
import type {AuthoritiesPort, Clock, ComposeTools, ContainersPort, FailureCode, FilesPort, HostPort} from '../core/ports.ts';
import type {Settings} from '../core/settings.ts';
import {makeSafe, widthOf} from '../core/text.ts';
import {doctorAreaNames, doctorSentence, doctorSummary} from '../messages/doctor.ts';
import type {DoctorArea, DoctorCode} from '../messages/doctor.ts';
import {failureSentence} from '../messages/failures.ts';
import type {Language} from '../messages/language.ts';
import {checkChannels, type ChannelSecret} from './doctor/channel-checks.ts';
import type {AlertsPort} from '../core/alert-sources.ts';
import {checkAlerts} from './doctor/alert-checks.ts';
import {checkBackups} from './doctor/backup-checks.ts';
import {checkEngine} from './doctor/engine-checks.ts';
import {finding} from './doctor/findings.ts';
import type {DoctorFinding, DoctorProbes, FindingStatus} from './doctor/findings.ts';
import {checkClock, checkConfiguration, checkDisks, checkLogout, checkRuntime, checkState, checkTerminal, checkTools} from './doctor/machine-checks.ts';

export type {DoctorProbes} from './doctor/findings.ts';
export {createDoctorProbes} from './doctor/probes.ts';

export type DoctorInput = {
	readonly language: Language;
	readonly json: boolean;
	/** Marks in ASCII instead of ✔ ! ✖ ?. */
	readonly ascii: boolean;
	readonly colour: boolean;
	/** Each call is one line, without its line break. */
	readonly out: (line: string) => void;
	readonly clock: Pick<Clock, 'after'>;
	readonly containers: Pick<ContainersPort, 'engine' | 'projects' | 'containers'>;
	readonly composeTools: () => Promise<ComposeTools>;
	readonly files: Pick<FilesPort, 'composeFiles'> & Partial<Pick<FilesPort, 'backups'>>;
	/** Ages are told from here. */
	readonly nowMs?: number;
	readonly host: Pick<HostPort, 'disks'>;
	/** Null where no alert source is configured. */
	readonly alerts?: AlertsPort | null;
	readonly probes: DoctorProbes;
	readonly settings: Settings;
	readonly configuration: ConfigurationResult;
	/** Default: no channel needs one. */
	readonly channelSecret?: ChannelSecret;
	/** Those of `tls.ca`; looked at only where some are configured. */
	readonly authorities?: AuthoritiesPort;
	/** For one area; default 10 s. */
	readonly deadlineMs?: number;
};

type Line = {
	readonly area: DoctorArea;
	readonly status: FindingStatus;
	readonly code: DoctorFinding['code'];
	readonly params: DoctorFinding['params'];
	readonly text: string;
	readonly remedy: string | null;
	readonly more: readonly string[];
};

/** 0 nothing is missing, 1 something is, 2 it cannot be told because the engine does not answer. */
export const runDoctor = async (input: DoctorInput): Promise<0 | 1 | 2> => {
	const {language, probes, settings, configuration, out, json} = input;
	const within = async (area: DoctorArea, check: () => Promise<readonly DoctorFinding[]> | readonly DoctorFinding[]): Promise<readonly DoctorFinding[]> => deadline(area, check, input);
	let isEngineSilent = true;
	const groups = await Promise.all([
		within('engine', async () => {
			const {findings, isSilent} = await checkEngine(input);
			isEngineSilent = isSilent;
			return findings;
		}),
		within('configuration', async () => checkConfiguration(configuration, settings, probes, language, input.authorities ?? null)),
		within('tools', async () => checkTools(probes)),
		within('terminal', () => checkTerminal(probes)),
		within('state', async () => checkState(probes)),
		within('runtime', async () => checkRuntime(probes)),
		within('logout', async () => checkLogout(probes)),
		within('clock', async () => checkClock(probes)),
		within('escalation', async () => checkChannels(settings, input.channelSecret ?? (async () => null), probes)),
		within('alerts', async () => checkAlerts(input.alerts ?? null, settings, language)),
		within('backups', async () => checkBackups(input.files, settings, input.nowMs ?? 0)),
		within('disk', async () => checkDisks(input.host, settings)),
	]);
	const lines = groups.flat().map(found => describe(language, found));
	const count = (status: FindingStatus): number => lines.filter(line => line.status === status).length;
	const exitCode = isEngineSilent ? 2 : count('bad') > 0 ? 1 : 0;
	if (json) {
		out(JSON.stringify({schemaVersion: 1, complete: exitCode === 2 ? null : exitCode === 0, missing: count('bad'), warnings: count('warn'), checks: lines}, null, 2));
		return exitCode;
	}

	for (const line of layOut(lines, input)) {
		out(line);
	}

	out('');
	out(doctorSummary(language, count('bad'), count('warn'), isEngineSilent));
	return exitCode;
};

/** A check that does not end in time is told as such; the others go on. */
const deadline = async (area: DoctorArea, check: () => Promise<readonly DoctorFinding[]> | readonly DoctorFinding[], {clock, deadlineMs = 10_000}: DoctorInput): Promise<readonly DoctorFinding[]> => {
	const late: readonly DoctorFinding[] = [finding(area, 'unknown', 'no-answer', {seconds: deadlineMs / 1000})];
	return inTime(clock, deadlineMs, Promise.resolve(check()), late);
};

const describe = (language: Language, {area, status, code, params, failure, more = []}: DoctorFinding): Line => {
	const shown = failure === undefined ? doctorSentence(language, code as DoctorCode, params) : (({title, remedy}) => ({text: title, remedy}))(failureSentence(language, {code: code as FailureCode, params}));
	return {
		area, status, code, params,
		text: makeSafe(shown.text),
		remedy: shown.remedy === null ? null : makeSafe(shown.remedy),
		more: [...failure === undefined || failure.detail === '' ? [] : [failure.detail], ...more].map(text => makeSafe(text)),
	};
};

const marks: Readonly<Record<'plain' | 'ascii', Readonly<Record<FindingStatus, string>>>> = {
	plain: {ok: '✔', warn: '!', bad: '✖', unknown: '?'},
	ascii: {ok: '+', warn: '!', bad: 'x', unknown: '?'},
};

const colours: Readonly<Record<FindingStatus, number>> = {ok: 32, warn: 33, bad: 31, unknown: 36};

/** One line per finding, the area's name once, remedies and details indented below. */
const layOut = (lines: readonly Line[], {language, ascii, colour}: DoctorInput): readonly string[] => {
	const names = doctorAreaNames[language];
	const width = Math.max(...Object.values(names).map(name => widthOf(name)));
	const indent = ' '.repeat(width + 4);
	return lines.flatMap(({area, status, text, remedy, more}, index) => {
		const isFirst = lines[index - 1]?.area !== area;
		const mark = marks[ascii ? 'ascii' : 'plain'][status];
		const shownMark = colour ? `\u001B[${colours[status]}m${mark}\u001B[39m` : mark;
		const name = isFirst ? names[area] : '';
		return [
			`${shownMark} ${name}${' '.repeat(width - widthOf(name))}  ${text}`,
			...more.map(line => `${indent}  ${line}`),
			...remedy === null || status === 'ok' ? [] : [`${indent}${ascii ? '->' : '→'} ${remedy}`],
		];
	}).map(line => ascii ? line.replaceAll('×', 'x') : line);
};
