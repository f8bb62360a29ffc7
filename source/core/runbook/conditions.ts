/**
The live answer to a condition of the page (*Se pouca memória …*) or to something to look for, from what the console sees already. It answers only what
it knows: null is "cannot tell", never "no".
*/

import type {SignatureKind} from '../diagnosis/matcher.ts';
import {healthOf, servicesOf} from '../situation.ts';
import type {State} from '../state.ts';
import {conditionKinds, type ConditionKind} from './words.ts';

export type ConditionFact =
	| {readonly code: 'memory' | 'cpu'; readonly share: number}
	| {readonly code: 'disk'; readonly mount: string; readonly share: number}
	| {readonly code: 'pings-fail' | 'pings-good'; readonly names: readonly string[]}
	| {readonly code: 'service'; readonly service: string; readonly up: boolean; readonly state: string}
	| {readonly code: 'database'; readonly accepts: boolean}
	| {readonly code: 'finding'; readonly found: boolean};

export type ConditionAnswer = {
	/** Null: cannot tell. */
	readonly holds: boolean | null;
	readonly fact: ConditionFact | null;
};

const unknown: ConditionAnswer = {holds: null, fact: null};

/** Share of a disk as the operator reads it: of what may be used. */
const diskShare = (disk: {readonly usedBytes: number; readonly availableBytes: number}): number => disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes);

const pingOf = (state: State, kind: 'postgres' | 'redis', name: string): ConditionAnswer => {
	const ping = state.situation.pings.find(({target}) => target.kind === kind || target.service === name);
	return ping === undefined || ping.last === null ? unknown : {holds: !ping.last.ok, fact: {code: ping.last.ok ? 'pings-good' : 'pings-fail', names: [ping.target.name]}};
};

const answers: Readonly<Record<ConditionKind, (state: State) => ConditionAnswer>> = {
	'low-memory'({situation, settings}) {
		const reading = situation.host.reading.value;
		if (reading === null || reading.memoryTotalBytes === 0) {
			return unknown;
		}

		const share = 1 - (reading.memoryAvailableBytes / reading.memoryTotalBytes);
		return {holds: share >= settings.thresholds.memory.warn, fact: {code: 'memory', share}};
	},
	'disk-full'({situation, settings}) {
		const disks = situation.host.disks.value?.disks.filter(disk => !disk.readOnly && disk.totalBytes > 0) ?? [];
		const worst = disks.toSorted((a, b) => diskShare(b) - diskShare(a))[0];
		return worst === undefined ? unknown : {holds: diskShare(worst) >= settings.thresholds.disk.warn, fact: {code: 'disk', mount: worst.mount, share: diskShare(worst)}};
	},
	'high-cpu'({situation, settings}) {
		const share = situation.host.cpuShare;
		return share === null ? unknown : {holds: share >= settings.thresholds.cpu.warn, fact: {code: 'cpu', share}};
	},
	'no-answer'(state) {
		const decisive = state.situation.pings.filter(({target, last}) => target.decisive && last !== null);
		const failing = decisive.filter(({last}) => last?.ok === false);
		return decisive.length === 0
			? unknown
			: {holds: failing.length > 0, fact: failing.length > 0 ? {code: 'pings-fail', names: failing.map(({target}) => target.name)} : {code: 'pings-good', names: decisive.map(({target}) => target.name)}};
	},
	// A good ping proves neither: a health check asks for no table of the last deploy, and a module may be missing in one path only.
	migrations: state => fromFindings(state, /migrat|revision|schema/) ?? fromLog(state, ['migration-pending', 'migration-broken']),
	dependencies: state => fromFindings(state, /dependenc|module|import/) ?? fromLog(state, ['dependency-error']),
	database(state) {
		const {value} = state.situation.database;
		return value === null ? pingOf(state, 'postgres', 'db') : {holds: !value.accepts, fact: {code: 'database', accepts: value.accepts}};
	},
	redis: state => pingOf(state, 'redis', 'redis'),
	'container-paused'(state) {
		const {alert: {service}} = state.settings;
		const states = statesOf(state, service);
		if (states === null) {
			return unknown;
		}

		const paused = states.includes('paused');
		// One that runs and does not answer may be frozen all the same (a signal stops it, and the engine says nothing).
		const isSilent = states.includes('running') && ofAnswers(state, ({ok, status}) => ok || status !== null).holds === null;
		return !paused && isSilent ? unknown : {holds: paused, fact: {code: 'service', service, up: false, state: paused ? 'paused' : states[0] ?? 'missing'}};
	},
	'container-stopped'(state) {
		const wanted = state.settings.alert.service;
		const states = statesOf(state, wanted);
		if (states === null) {
			return unknown;
		}

		const up = states.length > 0 && states.every(one => one === 'running');
		return {holds: !up, fact: {code: 'service', service: wanted, up, state: states.find(one => one !== 'running') ?? states[0] ?? 'missing'}};
	},
	'no-return': ({situation}) => healthOf(situation) === 'unknown' ? unknown : {holds: healthOf(situation) === 'unhealthy', fact: null},
	other: () => unknown,
};

const statesOf = ({situation}: State, name: string): readonly string[] | null => {
	const service = servicesOf(situation).find(other => other.name === name);
	return situation.containers.value === null || service === undefined ? null : service.containers.map(container => container.state);
};

/** The trouble is not there when the api's own ping was answered well enough; otherwise it cannot be told. */
const ofAnswers = ({situation, settings}: State, isEnough: (last: {readonly ok: boolean; readonly status: number | null}) => boolean): ConditionAnswer => {
	const own = situation.pings.filter(({target, last}) => target.service === settings.alert.service && target.kind === 'http' && last !== null);
	const answering = own.filter(({last}) => last !== null && isEnough(last));
	return answering.length === 0 ? unknown : {holds: false, fact: {code: 'pings-good', names: answering.map(({target}) => target.name)}};
};

/** What the log says decides: a finding or its evidence that names the trouble. That none does proves nothing: null. */
const fromFindings = (state: State, pattern: RegExp): ConditionAnswer | null =>
	state.findings.some(finding => pattern.test(finding.code) || finding.evidence.some(({code, params}) => pattern.test(code) || Object.values(params).some(value => typeof value === 'string' && pattern.test(value.toLowerCase()))))
		? {holds: true, fact: {code: 'finding', found: true}}
		: null;

const recentMs = 5 * 60_000;

/** A line of the last minutes that names the trouble, by a container that is still there. That there is none proves nothing. */
const fromLog = ({situation, nowMs}: State, kinds: readonly SignatureKind[]): ConditionAnswer => {
	const there = new Set((situation.containers.value ?? []).map(({id}) => id));
	return Object.values(situation.matches).some(({kind, containerId, lastAtMs}) => kinds.includes(kind) && there.has(containerId) && nowMs - lastAtMs < recentMs)
		? {holds: true, fact: {code: 'finding', found: true}}
		: unknown;
};

/** The answer to a condition now. */
export const answerOf = (state: State, kind: ConditionKind): ConditionAnswer => answers[kind](state);

/** The answers to a point of *what to look for*, what holds first; none where the console has none. */
export const answersToHint = (state: State, hint: string): readonly ConditionAnswer[] =>
	conditionKinds(hint).filter(kind => kind !== 'no-return').map(kind => answers[kind](state)).filter(({fact}) => fact !== null).toSorted((a, b) => Number(b.holds) - Number(a.holds));
