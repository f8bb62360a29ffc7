/** Findings over time: nothing in a restart or a deploy, nothing that flickers, raised and cleared on the record. */

import test from 'ava';
import type {ContainerEvent, ContainerFacts} from '../../source/core/ports.ts';
import type {Effect, Event} from '../../source/core/state.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {ana, bad, container, good, newState, opened, stack, startMs} from '../helpers/facts.ts';

const id = 'api'.padEnd(64, '0');
const happened = (kind: ContainerEvent['kind'], atMs: number, exitCode: number | null = null): Event => ({type: 'container/happened', event: {kind, id, service: 'api', oneOff: false, exitCode, health: null, atMs}});
const inspected = (atMs: number, changes: Partial<ContainerFacts>): Event => ({type: 'container/inspected', atMs, container: container('api', changes)});
const died = (atMs: number, exitCode: number): readonly Event[] => [happened('killed', atMs - 400), happened('died', atMs, exitCode), inspected(atMs, {state: 'exited', health: 'none', exitCode, finishedAtMs: atMs, pid: 0})];
const started = (atMs: number): readonly Event[] => [happened('started', atMs), inspected(atMs, {state: 'running', health: 'starting', startedAtMs: atMs})];
const composeAtWork = (atMs: number, words: string | null): Event => ({type: 'project/composeWatched', atMs, runs: words === null ? [] : [{pid: 77, verb: words.split(' ')[0]!, words: ownText(words), startedAtMs: startMs + 2000}]});

/** Every finding that was shown in a run of events, by second. */
const watch = (from: ReturnType<typeof opened>, untilMs: number, script: Readonly<Record<number, readonly Event[]>>, isUp: (atMs: number) => boolean) => {
	const seen = new Set<string>();
	for (let atMs = from.state.nowMs + 1000; atMs <= untilMs; atMs += 1000) {
		from.send(...(script[atMs - startMs] ?? []));
		from.until(atMs, (name, at) => isUp(at) || name === 'db' || name === 'redis' ? good(at) : bad(at, name === 'api' ? 'refused' : 'status'));
		for (const finding of from.state.findings) {
			seen.add(finding.code);
		}
	}

	return [...seen];
};

const healthy = () => opened().until(startMs + 2000, (_name, atMs) => good(atMs));

test('a restart by somebody else is no finding', t => {
	const console = healthy();
	const seen = watch(console, startMs + 20_000, {4000: died(startMs + 4000, 0), 5000: started(startMs + 5000)}, atMs => atMs < startMs + 4000 || atMs > startMs + 9000);
	t.deepEqual(seen, []);
});

test('a deploy by Compose that takes twenty seconds is no finding, and one that hangs is', t => {
	const script = {3000: [composeAtWork(startMs + 3000, 'up -d --build api')], 4000: died(startMs + 4000, 0)};
	t.deepEqual(watch(healthy(), startMs + 24_000, script, atMs => atMs < startMs + 4000), []);
	t.true(watch(healthy(), startMs + 200_000, script, atMs => atMs < startMs + 4000).includes('service-stopped'));
});

test('a stop by hand is told within three seconds, and once', t => {
	const console = healthy();
	const seen = watch(console, startMs + 7000, {4000: died(startMs + 4000, 0)}, atMs => atMs < startMs + 4000);
	t.true(seen.includes('service-stopped'));
	watch(console, startMs + 60_000, {}, () => false);
	t.is(console.effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []).filter(draft => draft.type === 'finding/raised' && draft.data['service'] === 'api').length, 1);
});

test('a container in its start period is starting, and dead it is a finding', t => {
	const console = healthy();
	const script = {4000: died(startMs + 4000, 0), 5000: started(startMs + 5000)};
	t.deepEqual(watch(console, startMs + 20_000, script, atMs => atMs < startMs + 4000), []);
	const after = watch(console, startMs + 26_000, {21_000: [happened('died', startMs + 21_000, 1), inspected(startMs + 21_000, {state: 'restarting', restarts: 1, health: 'none', exitCode: 1, finishedAtMs: startMs + 21_000, pid: 0})]}, () => false);
	t.true(after.includes('crash-loop'));
});

test('a crash loop between two lives stays the same finding', t => {
	const console = healthy();
	const script: Record<number, readonly Event[]> = {};
	for (let at = 4000; at < 40_000; at += 6000) {
		script[at] = [happened('died', startMs + at, 3), inspected(startMs + at, {state: 'restarting', restarts: at / 2000, health: 'none', exitCode: 3, finishedAtMs: startMs + at, pid: 0})];
		script[at + 2000] = [happened('started', startMs + at + 2000), inspected(startMs + at + 2000, {state: 'running', restarts: at / 2000, health: 'starting', startedAtMs: startMs + at + 2000, finishedAtMs: startMs + at})];
	}

	watch(console, startMs + 10_000, script, atMs => atMs < startMs + 4000);
	t.is(console.state.findings[0]?.code, 'crash-loop');
	for (let at = 11_000; at <= 40_000; at += 1000) {
		watch(console, startMs + at, script, () => false);
		t.is(console.state.findings[0]?.code, 'crash-loop', `at ${at}`);
	}
});

test('what a running action causes is expected, no outage of its own', t => {
	const console = healthy();
	const atMs = startMs + 3000;
	console.send({type: 'action/claimed', own: true, record: {state: 'running', startedAtMs: atMs, outcome: null, request: {
		id: 'run-1', project: 'mestres-do-cafe', action: 'restart-api', lock: 'mestres-do-cafe/api', script: 'set -e\ndocker-compose restart api\n', directory: '/opt', environment: {}, deadlineMs: 120_000, hardLimitMs: 600_000, actor: 'ana',
	}}});
	watch(console, startMs + 12_000, {4000: died(startMs + 4000, 137)}, at => at < startMs + 4000);
	const finding = console.state.findings.find(({service}) => service === 'api');
	t.deepEqual([finding?.expectedBy, finding?.weight], ['restart-api', 'warning']);
});

test('after two actions that did not help the rollback comes first', t => {
	const console = opened(undefined, stack({api: {state: 'exited', exitCode: 0, finishedAtMs: startMs - 1000, health: 'none', pid: 0}}));
	const failing = (name: string, atMs: number) => name === 'api' || name === 'nginx' ? bad(atMs) : good(atMs);
	console.until(startMs + 4000, failing);
	t.is(console.state.findings[0]?.actions[0], 'start-api');
	for (const [index, action] of ['start-api', 'restart-api'].entries()) {
		const request = {id: `run-${index}`, project: 'mestres-do-cafe', action, lock: 'mestres-do-cafe/api', script: '', directory: '/opt', environment: {}, deadlineMs: 1000, hardLimitMs: 1000, actor: 'ana'};
		const startedAtMs = console.state.nowMs;
		console.send({type: 'action/claimed', own: true, record: {state: 'running', startedAtMs, outcome: null, request}});
		console.send({type: 'run/ended', id: request.id, outcome: {exitCode: 0, signal: null, cancelled: false, timedOut: false, startedAtMs, endedAtMs: startedAtMs + 1000, leftRunning: []}});
		console.until(console.state.nowMs + 70_000, failing);
	}

	t.deepEqual(console.state.runs.map(({verdict}) => verdict), ['not-recovered', 'not-recovered']);
	t.is(console.state.findings[0]?.actions[0], 'rollback-commit');
	t.true(console.state.findings[0]?.evidence.some(({code}) => code === 'actions-failed'));
});

test('a finding that is over goes with its reason', t => {
	const console = healthy();
	watch(console, startMs + 8000, {4000: died(startMs + 4000, 0)}, atMs => atMs < startMs + 4000);
	console.send(...started(startMs + 8500));
	watch(console, startMs + 20_000, {}, () => true);
	t.deepEqual(console.state.findings, []);
	const cleared = console.effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []).find(draft => draft.type === 'finding/cleared' && draft.data['service'] === 'api');
	t.is(cleared?.data['reason'], 'recovered');
});

test('a figure at the edge of its limit does not blink', t => {
	const console = healthy();
	const used = (share: number, atMs: number): Event => ({type: 'host/disksRead', reading: {atMs, silent: [], disks: [{mount: '/', device: 'a', type: 'ext4', totalBytes: 1000, availableBytes: 1000 - (share * 1000), usedBytes: share * 1000, inodes: 10, inodesFree: 5, readOnly: false}]}});
	const seen: boolean[] = [];
	for (let step = 1; step <= 12; step++) {
		console.send(used(step % 2 === 0 ? 0.919 : 0.921, startMs + 2000 + (step * 1000)));
		console.until(startMs + 2000 + (step * 1000), (_name, atMs) => good(atMs));
		seen.push(console.state.findings.some(({code}) => code === 'disk-full'));
	}

	t.deepEqual(new Set(seen.slice(2)), new Set([true]));
});

test('an incident opened by hand against green pings says what to check next', t => {
	const console = healthy();
	console.press('i', 'o', 'escape').until(startMs + 6000, (_name, atMs) => good(atMs));
	t.deepEqual(console.state.findings.map(({code, confirm}) => [code, confirm[0]]), [['nothing-wrong-here', 'prometheus-target']]);
});

const journalled = (effects: readonly Effect[]): readonly string[] => effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts.map(({type}) => type) : []);

/** A console that comes a minute later to an incident that somebody opened by hand, and finds everything answering. */
const later = (recording: boolean) => {
	const entry = {sequence: 1, atMs: startMs - 60_000, monotonicMs: 0, bootId: 'b', actor: ana, incident: 'INC-20260118-030305', type: 'incident/opened', data: {by: 'key', alert: 'APIDown', severity: 'CRITICAL', sinceMs: startMs - 90_000, source: 'ping', atLeast: true}};
	return opened().send({type: 'journal/leased', mine: recording, holder: null}, {type: 'journal/opened', place: {path: '/x', kind: 'shared', failure: null}, entries: [entry]});
};

test('a console that opens on an incident that is green again does not say that nothing is wrong, and records no such thing', t => {
	const console = later(true);
	for (let atMs = startMs + 1000; atMs <= startMs + 30_000; atMs += 1000) {
		console.until(atMs, (_name, at) => good(at));
		t.deepEqual(console.state.findings, []);
	}

	t.is(console.state.incident?.state, 'mitigated');
	t.deepEqual(journalled(console.effects).filter(type => type.startsWith('finding/')), []);
});

test('that nothing is wrong here is told where somebody says that there is, also in a second console, and is no part of the record', t => {
	const second = later(false).until(startMs + 3000, (_name, atMs) => good(atMs));
	t.deepEqual(second.state.findings, [], 'three good answers may yet be the recovery');
	second.until(startMs + 8000, (_name, atMs) => good(atMs));
	t.deepEqual(second.state.findings.map(({code}) => code), ['nothing-wrong-here'], 'the one that records knows better');
	const console = healthy();
	console.press('i', 'o', 'escape').until(startMs + 6000, (_name, atMs) => good(atMs));
	t.is(console.state.findings[0]?.code, 'nothing-wrong-here');
	console.until(startMs + 12_000, (_name, atMs) => bad(atMs)).until(startMs + 30_000, (_name, atMs) => good(atMs));
	t.is(console.state.incident?.state, 'mitigated');
	t.deepEqual(journalled(console.effects).filter(type => type.startsWith('finding/')).length > 0, true);
	t.false(JSON.stringify(console.effects.filter(({type}) => type === 'journal/append')).includes('nothing-wrong-here'));
});

test('an old backup beside it does not take its place', t => {
	const console = opened(newState({settings: {backups: {directory: '/b', warnAfterMs: 3_600_000}}})).until(startMs + 2000, (_name, atMs) => good(atMs));
	console.send({type: 'backups/looked', places: [{directory: '/b', isOwn: false, files: [], isPartial: false, failure: null, atMs: startMs}]});
	console.press('i', 'o', 'escape').until(startMs + 6000, (_name, atMs) => good(atMs));
	t.deepEqual(console.state.findings.map(({code}) => code), ['nothing-wrong-here', 'backup-old']);
});

test('Enter on the evidence opens where it was seen', t => {
	const console = opened(undefined, stack({api: {state: 'exited', exitCode: 0, finishedAtMs: startMs - 60_000, health: 'none', pid: 0, healthOutput: emptyText}})).until(startMs + 4000, (name, atMs) => name === 'api' ? bad(atMs) : good(atMs));
	console.press('tab', 'tab', 'tab', 'enter', 'enter');
	t.is(console.state.view.overlay?.kind, 'container');
	console.press('escape', 'enter', 'j', 'enter');
	t.is(console.state.view.overlay?.kind, 'ping');
});

test('what a deeper look may yet name waits for it, and not for long', t => {
	const asked = (atMs: number): Event => ({type: 'diagnosis/probed', key: `processes ${id} ${startMs - 86_400_000} `, answer: {atMs, state: 'asked', facts: {}}});
	const silent = (name: string, atMs: number) => name === 'db' || name === 'redis' || atMs < startMs + 4000 ? good(atMs) : bad(atMs, 'timed-out');
	const console = healthy();
	console.until(startMs + 5000, silent);
	console.send(asked(startMs + 5000), {type: 'containers/listed', containers: stack(), atMs: startMs + 5000});
	console.until(startMs + 7000, silent);
	t.deepEqual(console.state.findings, []);
	console.until(startMs + 9000, silent);
	t.is(console.state.findings[0]?.code, 'service-hangs');
});

test('an api that cannot be told from its network yet waits for a fresh look at the containers', t => {
	const refused = (name: string, atMs: number) => name === 'db' || name === 'redis' || atMs < startMs + 4000 ? good(atMs) : bad(atMs, name === 'api' ? 'reset' : 'status');
	const console = healthy();
	console.until(startMs + 7000, refused);
	t.false(console.state.findings.some(({code}) => code === 'not-listening'));
	console.send({type: 'containers/listed', containers: stack({api: {networks: []}}), atMs: startMs + 7000});
	console.until(startMs + 8000, refused);
	t.is(console.state.findings[0]?.code, 'detached-from-network');
});

test('who was asked to end and closes its doors first is no finding, and one that stays for long is', t => {
	const console = healthy();
	const script = {4000: [happened('killed', startMs + 4000)]};
	const isUp = (atMs: number): boolean => atMs < startMs + 5000;
	t.deepEqual(watch(console, startMs + 14_000, script, isUp), []);
	t.true(watch(console, startMs + 24_000, {}, isUp).length > 0);
});

test('what dies again after a restart dies by itself, from its first death on', t => {
	const console = healthy();
	const script = {
		4000: died(startMs + 4000, 0), 5000: started(startMs + 5000), 7000: [happened('died', startMs + 7000, 1), inspected(startMs + 7000, {state: 'restarting', restarts: 1, health: 'none', exitCode: 1, finishedAtMs: startMs + 7000, startedAtMs: startMs + 5000, pid: 0})],
		8000: [happened('started', startMs + 8000), inspected(startMs + 8000, {state: 'running', restarts: 1, health: 'starting', startedAtMs: startMs + 8000, finishedAtMs: startMs + 7000})],
	};
	watch(console, startMs + 11_000, script, atMs => atMs < startMs + 4000);
	t.is(console.state.findings[0]?.code, 'crash-loop');
});
