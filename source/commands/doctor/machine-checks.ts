/** What doctor asks of the machine and the session: programs, terminal, places for state and runs, logout, clock, configuration, disks. */

import type {ConfigurationResult} from '../../config.ts';
import type {AuthoritiesPort, HostPort} from '../../core/ports.ts';
import type {Settings} from '../../core/settings.ts';
import {configurationProblemLines} from '../../messages/config.ts';
import type {Language} from '../../messages/language.ts';
import {failed, finding} from './findings.ts';
import type {DoctorFinding, DoctorProbes} from './findings.ts';

// The Debian packages that bring them; the supervisor of changes is made of the first four.
const neededPrograms = [['bash', 'bash'], ['setsid', 'util-linux'], ['flock', 'util-linux'], ['timeout', 'coreutils']] as const;
const usefulPrograms = [['git', 'git'], ['curl', 'curl']] as const;

const packagesOf = (programs: readonly (readonly [string, string])[]): string => [...new Set(programs.map(([, packageName]) => packageName))].join(' ');
const namesOf = (programs: readonly (readonly [string, string])[]): string => programs.map(([name]) => name).join(', ');

export const checkTools = async ({findProgram}: Pick<DoctorProbes, 'findProgram'>): Promise<readonly DoctorFinding[]> => {
	const all = [...neededPrograms, ...usefulPrograms];
	const found = new Set((await Promise.all(all.map(async ([name]) => await findProgram(name) === null ? [] : [name]))).flat());
	const missing = neededPrograms.filter(([name]) => !found.has(name));
	const unhandy = usefulPrograms.filter(([name]) => !found.has(name));
	return [
		missing.length > 0
			? finding('tools', 'bad', 'tools-missing', {names: namesOf(missing), packages: packagesOf(missing)})
			: finding('tools', 'ok', 'tools-found', {names: namesOf(all.filter(([name]) => found.has(name)))}),
		...unhandy.length > 0 ? [finding('tools', 'warn', 'tools-optional', {names: namesOf(unhandy), packages: packagesOf(unhandy)})] : [],
	];
};

export const checkTerminal = ({terminal}: Pick<DoctorProbes, 'terminal'>): readonly DoctorFinding[] => {
	const {isTerminal, term, columns, rows, colours, locale, isUtf8} = terminal();
	if (!isTerminal) {
		return [finding('terminal', 'warn', 'terminal-none')];
	}

	const troubles = [
		...term === '' || term === 'dumb' || term === 'unknown' ? [finding('terminal', 'warn', 'terminal-dumb', {term})] : [],
		...columns < 80 || rows < 24 ? [finding('terminal', 'warn', 'terminal-small', {columns, rows})] : [],
		...isUtf8 ? [] : [finding('terminal', 'warn', 'terminal-not-utf8', {locale})],
	];
	return troubles.length > 0 ? troubles : [finding('terminal', 'ok', 'terminal-right', {term, columns, rows, colours})];
};

export const checkState = async ({state}: Pick<DoctorProbes, 'state'>): Promise<readonly DoctorFinding[]> => {
	const {shared, own} = await state();
	if (shared.silent) {
		return [finding('state', 'bad', 'directory-silent', {path: shared.path})];
	}

	if (shared.exists) {
		return [shared.writable ? finding('state', 'ok', 'state-shared', {path: shared.path}) : finding('state', 'bad', 'state-not-writable', {path: shared.path, group: shared.group})];
	}

	return [own.writable ? finding('state', 'warn', 'state-own', {path: own.path, shared: shared.path}) : finding('state', 'bad', 'state-absent', {path: own.path})];
};

export const checkRuntime = async ({runtime}: Pick<DoctorProbes, 'runtime'>): Promise<readonly DoctorFinding[]> => {
	const answer = await runtime();
	if (!answer.ok) {
		const {detail, params = {}} = answer.failure;
		return [{...finding('runtime', 'bad', 'runtime-none', params), ...detail === '' ? {} : {more: detail.split('; ')}}];
	}

	const {path, memoryBacked, shared} = answer.value;
	return [
		...memoryBacked ? [] : [finding('runtime', 'warn', 'runtime-on-disk', {path})],
		...shared ? [] : [finding('runtime', 'warn', 'runtime-own', {path})],
		...memoryBacked && shared ? [finding('runtime', 'ok', 'runtime-shared', {path})] : [],
	];
};

export const checkLogout = async ({survivesLogout, user}: Pick<DoctorProbes, 'survivesLogout' | 'user'>): Promise<readonly DoctorFinding[]> => {
	const answer = await survivesLogout();
	if (!answer.ok) {
		return [finding('logout', 'unknown', 'logout-unknown')];
	}

	const {survives, remedy, removesFiles} = answer.value;
	return [
		survives ? finding('logout', 'ok', 'logout-survives') : finding('logout', 'warn', remedy === 'systemd-run' ? 'logout-kills-all' : 'logout-kills', {user}),
		...removesFiles ? [finding('logout', 'warn', 'logout-removes', {user})] : [],
	];
};

export const checkClock = async ({isClockSynchronised}: Pick<DoctorProbes, 'isClockSynchronised'>): Promise<readonly DoctorFinding[]> => {
	const answer = await isClockSynchronised();
	return [answer === null ? finding('clock', 'unknown', 'clock-unknown') : answer ? finding('clock', 'ok', 'clock-synchronised') : finding('clock', 'warn', 'clock-alone')];
};

export const checkConfiguration = async (configuration: ConfigurationResult, settings: Pick<Settings, 'runbook' | 'authorities'>, {look}: Pick<DoctorProbes, 'look'>, language: Language, authorities: AuthoritiesPort | null = null): Promise<readonly DoctorFinding[]> => {
	const hidden = configuration.hidden.map(path => finding('configuration', 'warn', 'configuration-hidden', {path}));
	if (!configuration.ok) {
		const {path, problems} = configuration;
		return [...hidden, {...finding('configuration', 'bad', 'configuration-wrong', {path, count: problems.length}), more: configurationProblemLines(language, problems).slice(1).map(line => line.trim())}];
	}

	const trusted = settings.authorities === null ? null : await authorities?.read() ?? null;
	const runbook = settings.runbook === null ? null : await look(settings.runbook, 'file');
	return [
		...hidden,
		configuration.path === null ? finding('configuration', 'ok', 'configuration-none') : finding('configuration', 'ok', 'configuration-right', {path: configuration.path}),
		...trusted === null ? [] : [trusted.ok ? finding('configuration', 'ok', 'authorities-right', {path: settings.authorities!, count: trusted.value.length}) : finding('configuration', 'bad', 'authorities-wrong', {path: settings.authorities!, why: trusted.failure.code, detail: trusted.failure.detail})],
		...runbook === null ? [] : [runbook === 'right' ? finding('runbook', 'ok', 'runbook-right', {path: settings.runbook!}) : finding('runbook', 'bad', 'runbook-wrong', {path: settings.runbook!, why: runbook})],
	];
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;

const size = (bytes: number): string => {
	const gibibytes = bytes / 2 ** 30;
	return gibibytes >= 10 ? `${Math.round(gibibytes)} GiB` : gibibytes >= 1 ? `${gibibytes.toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
};

export const checkDisks = async ({disks}: Pick<HostPort, 'disks'>, {thresholds}: Pick<Settings, 'thresholds'>): Promise<readonly DoctorFinding[]> => {
	const answer = await disks();
	if (!answer.ok) {
		return [failed('disk', answer.failure, 'unknown')];
	}

	const {warn, critical} = thresholds.disk;
	return [
		...answer.value.disks.filter(({totalBytes}) => totalBytes > 0).flatMap(({mount, usedBytes, availableBytes, inodes, inodesFree, readOnly}) => {
			// As df counts it: reserved blocks belong to neither side.
			const share = usedBytes + availableBytes === 0 ? 1 : usedBytes / (usedBytes + availableBytes);
			const params = {mount, used: percent(share), free: size(availableBytes)};
			const inodeShare = inodes === 0 ? 0 : (inodes - inodesFree) / inodes;
			return [
				share >= critical ? finding('disk', 'bad', 'disk-full', params) : share >= warn ? finding('disk', 'warn', 'disk-high', params) : finding('disk', 'ok', 'disk-right', params),
				...inodeShare >= warn ? [finding('disk', inodeShare >= critical ? 'bad' : 'warn', 'disk-inodes', {mount, used: percent(inodeShare)})] : [],
				...readOnly ? [finding('disk', 'warn', 'disk-read-only', {mount})] : [],
			];
		}),
		...answer.value.silent.map(mount => finding('disk', 'bad', 'disk-silent', {mount})),
	];
};
