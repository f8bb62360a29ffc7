/**
Network and proxy: a proxy that runs and cannot reach what lies behind it, told apart by what it logged; a container without its network; a
published port that leads nowhere; a certificate.
*/

import type {ContainerFacts} from '../ports.ts';
import type {PingSituation} from '../situation.ts';
import {afterEdit, restartOf} from './actions-for.ts';
import {answerOf} from './probes.ts';
import {isStarting, pingEvidence, type Clue, type Scene, type Service} from './scene.ts';
import {evidence, found, type Evidence, type Finding, type FindingCode} from './types.ts';

const page4 = {scenario: 4, outside: null} as const;
const dayMs = 86_400_000;

/** The service behind a proxy that matters: the one of the alert, else what it depends on. */
export const behindOf = (scene: Scene, proxy: Service): Service | null => {
	const alert = scene.byRole('alert')[0] ?? null;
	return alert !== null && alert.name !== proxy.name ? alert : proxy.dependsOn.map(name => scene.service(name)).find(service => service !== null) ?? null;
};

/** Scenario 4: the proxy fails while the service behind it answers by itself. */
export const proxyFails = (scene: Scene, proxy: Service): Finding | null => {
	const behind = behindOf(scene, proxy);
	const {main} = proxy;
	const failing = proxy.failing[0];
	if (main === null || main.state !== 'running' || failing === undefined || behind === null || !behind.answers || !(isGatewayTrouble(failing) || isOwnAnswer(failing))) {
		return null;
	}

	// No answer at all from one that has just been started says nothing of what lies behind it.
	const hasAnswered = failing.last?.reason === 'status' || failing.last?.reason === 'redirected';
	if (!hasAnswered && isStarting(main, scene.nowMs)) {
		return null;
	}

	// The proxy's bad answer counts only if it came after the service behind was good again.
	const goodSinceMs = Math.max(...behind.pings.map(ping => ping.sinceMs ?? -Infinity));
	if ((failing.last?.atMs ?? 0) < goodSinceMs + 500) {
		return null;
	}

	const detached = lacksSharedNetwork(main, behind);
	const good: readonly Evidence[] = [pingEvidence(failing), ...behind.pings.slice(0, 1).map(ping => pingEvidence(ping))];
	const base = {...page4, service: proxy.name, sinceMs: Math.max(failing.firstBadAtMs ?? 0, goodSinceMs), actions: restartOf(proxy)};
	if (detached !== null) {
		return found('detached-from-network', {...base, confidence: 'certain', evidence: [detached, ...good], actions: [`rebuild-${proxy.name}`], confirm: ['connect-network', 'inspect-network'], params: {other: behind.name}});
	}

	return byItsLog(scene, proxy, behind, failing, good) ?? answersItself(scene, proxy, behind, failing, good) ?? (failing.last?.reason === 'timed-out' || failing.last?.status === 504
		? found('proxy-timeout', {...base, evidence: good, confirm: ['curl-inside', 'read-log'], params: {other: behind.name}})
		: found('proxy-cannot-reach', {...base, evidence: [...good, ...lookupEvidence(scene, proxy, behind)], confirm: ['nginx-t', 'curl-inside'], params: {other: behind.name}}));
};

export const isGatewayTrouble = (ping: PingSituation): boolean => {
	const {last} = ping;
	return last !== null && (last.reason === 'timed-out' || last.reason === 'reset' || last.reason === 'closed' || (last.reason === 'status' && (last.status === 502 || last.status === 503 || last.status === 504 || last.status === 500)));
};

/** An answer that a proxy gives without asking anybody: refused, not found, elsewhere, too busy. */
const isOwnAnswer = ({last}: PingSituation): boolean => last !== null && (last.reason === 'redirected' || (last.reason === 'status' && last.status !== null && (last.status === 503 || (last.status >= 400 && last.status < 500))));

const pathOf = ({target}: PingSituation): string => /^\w+:\/\/[^/]*(\/[^?#]*)?/.exec(target.address)?.[1] ?? '/';

/** What lies behind is well and the proxy logged no trouble with it: then its own configuration says so. A limit, a closed door, a page for maintenance. */
const answersItself = (scene: Scene, proxy: Service, behind: Service, failing: PingSituation, good: readonly Evidence[]): Finding | null => {
	// Well, and seen so since the proxy began: else it may only pass on what lies behind it says.
	const isWellSince = behind.pings.every(({last}) => (last?.atMs ?? 0) >= (failing.firstBadAtMs ?? 0));
	if (!isOwnAnswer(failing) || !isWellSince) {
		return null;
	}

	const change = scene.changes.some(other => other.kind === 'commit' && scene.nowMs - other.atMs < dayMs) ? ['rollback-commit'] : [];
	return found('proxy-answers-itself', {
		...page4, service: proxy.name, sinceMs: failing.firstBadAtMs, confidence: behind.pings.some(ping => pathOf(ping) === pathOf(failing)) ? 'likely' : 'possible',
		params: {status: failing.last?.status ?? 0, other: behind.name}, evidence: good, actions: [...change, ...restartOf(proxy)], confirm: ['git-log', 'nginx-t'],
	});
};

const lacksSharedNetwork = (main: ContainerFacts, behind: Service): Evidence | null => {
	const origin = {kind: 'container', id: main.id} as const;
	if (main.networks.length === 0) {
		return evidence('no-network', {service: main.service}, null, origin);
	}

	const other = behind.main;
	if (other === null || other.state !== 'running' || main.networks.some(({name}) => name === 'host')) {
		return null;
	}

	const shared = main.networks.some(({name}) => other.networks.some(network => network.name === name));
	return shared ? null : evidence('not-on-network', {service: other.service, other: main.service, network: main.networks[0]!.name}, null, {kind: 'container', id: other.id});
};

/** What the proxy wrote about its upstream: which address, which port, or that the name means nothing. */
const byItsLog = (scene: Scene, proxy: Service, behind: Service, failing: PingSituation, good: readonly Evidence[]): Finding | null => {
	const clue = scene.clue(proxy, 'upstream-refused', 'upstream-connect-timeout', 'upstream-timeout', 'upstream-unresolved', 'connections', 'upstream-closed', 'config-invalid');
	const recentMs = failing.firstBadAtMs === null ? 0 : failing.firstBadAtMs - 5000;
	if (clue === null || (clue.atMs !== null && clue.atMs < recentMs)) {
		return null;
	}

	const base = {...page4, service: proxy.name, sinceMs: failing.firstBadAtMs, actions: restartOf(proxy)};
	switch (clue.kind) {
		case 'upstream-refused':
		case 'upstream-connect-timeout': {
			return refusedUpstream(scene, proxy, behind, clue, base, good);
		}

		case 'upstream-unresolved': {
			return found('upstream-unresolved', {...base, confidence: 'certain', evidence: [clue.evidence, ...good], confirm: ['inspect-network'], params: {...clue.params, other: behind.name}});
		}

		case 'connections': {
			return found('proxy-connections', {...base, confidence: 'certain', evidence: [clue.evidence, ...good], confirm: ['read-log']});
		}

		case 'config-invalid': {
			return found('proxy-config-invalid', {...base, evidence: [clue.evidence, ...good], confirm: ['nginx-t'], params: clue.params});
		}

		default: {
			return found(clue.kind === 'upstream-closed' ? 'proxy-cannot-reach' : 'proxy-timeout', {...base, evidence: [clue.evidence, ...good], confirm: ['curl-inside'], params: {other: behind.name}});
		}
	}
};

const portsOf = (behind: Service): ReadonlySet<number> => new Set([
	...behind.containers.flatMap(container => container.ports.map(port => port.containerPort)),
	...behind.pings.flatMap(ping => ping.target.via === 'address' ? [] : [Number(/:(\d+)(?:\/|$)/.exec(ping.target.address.replace(/^\w+:\/\//, '//'))?.[1] ?? Number.NaN)]).filter(port => Number.isInteger(port)),
]);

const startsTogetherMs = 10_000;

const refusedUpstream = (scene: Scene, proxy: Service, behind: Service, clue: Clue, base: Pick<Finding, 'scenario' | 'outside' | 'service' | 'sinceMs' | 'actions'>, good: readonly Evidence[]): Finding => {
	const {address = '', port = ''} = clue.params;
	const addresses = new Set(behind.containers.flatMap(container => container.networks.map(network => network.address)).filter(text => text !== ''));
	const isAddress = /^[\d.]+$|:/.test(address);
	const proof = (code: FindingCode, more: readonly Evidence[], params: Finding['params'], extra: Partial<Finding> = {}): Finding =>
		found(code, {...base, confidence: 'certain', evidence: [clue.evidence, ...more, ...good], params: {...params, other: behind.name}, ...extra});
	if (isAddress && addresses.size > 0 && !addresses.has(address)) {
		// One that was started after the other had its address did not keep an old one: the wrong one stands in its configuration.
		const isConfigured = (proxy.main?.startedAtMs ?? 0) > (behind.main?.startedAtMs ?? Infinity) + startsTogetherMs;
		return proof(isConfigured ? 'proxy-wrong-address' : 'stale-upstream', [evidence('upstream-address', {service: proxy.name, address, other: behind.name, now: [...addresses].join(', ')}, null, behind.main === null ? null : {kind: 'container', id: behind.main.id})], {address, now: [...addresses].join(', ')}, isConfigured ? {confirm: ['git-log', 'nginx-t']} : {});
	}

	const ports = portsOf(behind);
	if (port !== '' && ports.size > 0 && !ports.has(Number(port))) {
		// A restart alone reads the same wrong line again: the file is the cure.
		const change = scene.changes.some(other => other.kind === 'commit' && scene.nowMs - other.atMs < dayMs) ? ['rollback-commit'] : [];
		return proof('proxy-wrong-port', [evidence('upstream-port', {service: proxy.name, port, other: behind.name, now: [...ports].join(', ')}, null, behind.main === null ? null : {kind: 'container', id: behind.main.id})], {port, now: [...ports].join(', ')}, {actions: [...base.actions, ...change], confirm: ['git-log', 'nginx-t']});
	}

	return found('proxy-cannot-reach', {...base, evidence: [clue.evidence, ...lookupEvidence(scene, proxy, behind), ...good], params: {other: behind.name}, confirm: ['nginx-t', 'inspect-network']});
};

const lookupEvidence = (scene: Scene, proxy: Service, behind: Service): readonly Evidence[] => {
	const test = answerOf(scene, proxy.main, 'proxy-config', '');
	const lookup = answerOf(scene, proxy.main, 'proxy-lookup', behind.name);
	return [
		...(test === null ? [] : [evidence(test.facts['ok'] === 1 ? 'config-test-good' : 'config-test-fails', {detail: test.facts['detail'] ?? ''}, test.atMs)]),
		...(lookup === null ? [] : [evidence(lookup.facts['ok'] === 1 ? 'lookup-finds' : 'lookup-fails', {name: behind.name, address: lookup.facts['address'] ?? ''}, lookup.atMs)]),
	];
};

/** A running container that lost its network, or that the others no longer know by name. */
export const detached = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	if (main === null || main.state !== 'running' || main.networks.some(({name}) => name === 'host')) {
		return null;
	}

	const origin = {kind: 'container', id: main.id} as const;
	const base = {...page4, service: service.name, confidence: 'certain' as const, actions: [`rebuild-${service.name}`], confirm: ['connect-network', 'inspect-network'] as const};
	const failing = service.failing.slice(0, 1).map(ping => pingEvidence(ping));
	if (main.networks.length === 0) {
		return found('detached-from-network', {...base, evidence: [evidence('no-network', {service: service.name}, null, origin), ...failing]});
	}

	// One that cannot start for want of a name keeps its network.
	const neighbours = scene.services.filter(other => other.name !== service.name && (other.main?.state === 'running' || other.main?.state === 'restarting') && other.main.networks.length > 0 && (other.dependsOn.includes(service.name) || service.dependsOn.includes(other.name)));
	const isCutOff = neighbours.length > 0 && neighbours.every(other => !other.main!.networks.some(({name}) => main.networks.some(network => network.name === name)));
	const isPublished = main.ports.some(port => port.hostPort !== null);
	if (isCutOff && (service.failing.length > 0 || isPublished)) {
		return found('detached-from-network', {...base, evidence: [evidence('not-on-network', {service: service.name, other: neighbours[0]!.name, network: neighbours[0]!.main!.networks[0]?.name ?? ''}, null, origin), ...failing]});
	}

	const lacksAlias = main.networks.length > 0 && main.networks.every(({aliases}) => aliases.length > 0 && !aliases.includes(service.name));
	const isMissed = neighbours.some(other => other.failing.length > 0);
	return lacksAlias && isMissed ? found('alias-missing', {...base, evidence: [evidence('no-alias', {service: service.name, network: main.networks[0]!.name}, null, origin), ...failing]}) : null;
};

/** The container runs, and its port says nothing: does it answer inside, or does nothing listen at all? */
export const portTrouble = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	const failing = service.failing.find(ping => ping.last?.reason === 'refused' || ping.last?.reason === 'reset' || ping.last?.reason === 'closed' || ping.last?.reason === 'unreachable' || ping.last?.reason === 'no-address');
	if (main === null || main.state !== 'running' || failing === undefined || isStarting(main, scene.nowMs)) {
		return null;
	}

	const inside = answerOf(scene, main, 'inside', failing.target.name);
	const base = {service: service.name, sinceMs: failing.firstBadAtMs, confidence: 'likely' as const};
	if (inside?.facts['ok'] === 1) {
		return found('port-unreachable', {...base, ...page4, confidence: 'certain', evidence: [evidence('answers-inside', {service: service.name, latencyMs: inside.facts['latencyMs'] ?? 0}, inside.atMs), pingEvidence(failing)], actions: restartOf(service), confirm: ['firewall', 'who-holds-port']});
	}

	if (failing.last?.reason === 'no-address') {
		return found('port-unreachable', {...base, ...page4, evidence: [pingEvidence(failing)], actions: [`start-${service.name}`], confirm: ['inspect-network']});
	}

	const listens = listensOf(scene, service, failing);
	const elsewhere = listens === null || listens.isOpen ? [] : [evidence('listens-at', {service: service.name, port: listens.port, at: listens.all, local: listens.isLocal ? 1 : 0}, listens.atMs)];
	const silent = inside === null ? [] : [evidence('silent-inside', {service: service.name, reason: inside.facts['reason'] ?? ''}, inside.atMs)];
	return found('not-listening', {...base, scenario: service.role === 'proxy' ? 4 : 2, outside: null, params: elsewhere.length === 0 ? {} : {port: listens!.port, at: listens!.all, local: listens!.isLocal ? 1 : 0}, ...(elsewhere.length === 0 ? {} : {confidence: 'certain' as const}),
		evidence: [pingEvidence(failing), ...elsewhere, ...silent, evidence('runs', {service: service.name}, main.startedAtMs, {kind: 'container', id: main.id})], actions: elsewhere.length === 0 ? restartOf(service) : afterEdit(service), confirm: elsewhere.length === 0 ? ['read-log', 'curl-inside'] : ['compare-env', 'read-log']});
};

type Listens = {readonly port: string; /** Anybody may come in at the port that is published. */ readonly isOpen: boolean; readonly isLocal: boolean; readonly all: string; readonly queued: boolean; readonly atMs: number};

const isLoopback = (address: string): boolean => address.startsWith('127.') || address.startsWith('::1:');

/** Where the container's processes listen, as the kernel has it; null while nobody has looked, or where nothing at all listens. */
export const listensOf = (scene: Scene, service: Service, {target}: PingSituation): Listens | null => {
	const tree = answerOf(scene, service.main, 'processes', '');
	const asked = /:(\d+)(?:\/|$)/.exec(target.address.replace(/^\w+:\/\//, '//'))?.[1] ?? '';
	// An address as it stands has the host's port: which one that is inside, the engine knows.
	const port = target.via === 'address' ? String(service.main?.ports.find(({hostPort}) => hostPort === Number(asked))?.containerPort ?? '') : asked;
	// The engine's own resolver listens in every container.
	const all = String(tree?.facts['listens'] ?? '').split(' ').filter(address => address !== '' && !address.startsWith('127.0.0.11:'));
	if (tree === null || port === '' || all.length === 0) {
		return null;
	}

	const here = all.filter(address => address.endsWith(`:${port}`));
	return {port, isOpen: here.some(address => !isLoopback(address)), isLocal: here.length > 0 && here.every(address => isLoopback(address)), all: [...new Set(all)].slice(0, 4).join(', '), queued: String(tree.facts['queued'] ?? '').split(' ').some(pair => pair.startsWith(`${port}=`)), atMs: tree.atMs};
};

/** It listens for everybody, nobody waits at its door, and not even the way past the published port gets there: something drops the packets. */
export const packetsDropped = (scene: Scene, service: Service, ping: PingSituation): Finding | null => {
	const inside = answerOf(scene, service.main, 'inside', ping.target.name);
	const listens = listensOf(scene, service, ping);
	if (inside === null || listens === null || !listens.isOpen || listens.queued || inside.facts['reason'] !== 'timed-out' || inside.facts['detail'] !== 'connect') {
		return null;
	}

	return found('packets-dropped', {
		...page4, service: service.name, sinceMs: ping.firstBadAtMs, confidence: 'certain', params: {port: listens.port}, actions: [], confirm: ['firewall', 'inspect-network'],
		evidence: [pingEvidence(ping), evidence('nobody-knocks', {service: service.name, port: listens.port, at: listens.all}, listens.atMs), evidence('silent-inside', {service: service.name, reason: 'timed-out'}, inside.atMs)],
	});
};

/** In OpenSSL's words and in Node's. */
const whyDistrusted = (detail: string): 'expired' | 'early' | 'name' | 'untrusted' | '' => {
	const found = ([['expired', /expired/i], ['early', /not yet valid/i], ['name', /altname|hostname|does not match/i], ['untrusted', /self.?signed|unable to (?:verify|get)|issuer/i]] as const).find(([, pattern]) => pattern.test(detail));
	return found?.[0] ?? '';
};

/** A certificate that is over, wrong, or ends soon. */
export const certificates = (scene: Scene): readonly Finding[] => scene.situation.pings.flatMap((ping): readonly Finding[] => {
	const origin = {kind: 'ping', name: ping.target.name} as const;
	if (ping.last?.ok === false && ping.last.reason === 'tls' && ping.streak >= 2) {
		return [found('certificate-bad', {...page4, service: ping.target.service, confidence: 'certain', evidence: [pingEvidence(ping)], actions: [], confirm: ['openssl'], weight: ping.target.decisive ? 'outage' : 'warning', sinceMs: ping.firstBadAtMs, params: {name: ping.target.name, why: whyDistrusted(ping.last.detail)}})];
	}

	const endsAtMs = ping.last?.certificateEndsAtMs ?? null;
	return endsAtMs === null || endsAtMs - scene.nowMs > 14 * dayMs ? [] : [found('certificate-soon', {...page4, service: ping.target.service, weight: 'warning', confidence: 'certain', evidence: [evidence('certificate-ends', {name: ping.target.name, endsAtMs, leftMs: endsAtMs - scene.nowMs}, null, origin)], confirm: ['openssl'], params: {name: ping.target.name, leftMs: endsAtMs - scene.nowMs}})];
});
