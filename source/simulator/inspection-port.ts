/**
The pretend server as the read-only checks see it: its sockets, processes, kernel ring, variables and network, all following from the world's state.
*/

import type {InspectionPort, Listener, NetworkMember, ProcessDetail} from '../core/inspection.ts';
import type {Outcome} from '../core/ports.ts';
import type {Variable} from '../core/secrets.ts';
import {compareNames, makeSafe, ownText} from '../core/text.ts';
import {askEngine} from './containers-port.ts';
import {cpuSeconds, memoryBytes} from './measures.ts';
import {containerName, directory, networkName, planOf} from './stack.ts';
import type {World} from './world.ts';

const variables = [
	{name: 'POSTGRES_USER', value: 'mestres_user'}, {name: 'POSTGRES_DB', value: 'mestres_cafe'}, {name: 'POSTGRES_PASSWORD', value: 'torra-media-2025'},
	{name: 'DATABASE_URL', value: 'postgresql://mestres_user:torra-media-2025@db:5432/mestres_cafe'}, {name: 'REDIS_URL', value: 'redis://redis:6379/0'},
	{name: 'SECRET_KEY', value: 'drill-moka-prensa-francesa'}, {name: 'FLASK_ENV', value: 'production'}, {name: 'TZ', value: 'America/Sao_Paulo'}, {name: 'WEB_CONCURRENCY', value: '3'},
] as const;

// It is run by the shell of the drill, which knows just these commands.
const healthScript = '#!/usr/bin/env bash\ndocker-compose ps\ncurl http://localhost:5001/api/health\n';

const notFound = (path: string): Outcome<never> => ({ok: false, failure: {code: 'not-found', detail: makeSafe(path), params: {path}}});

const isOurs = (wanted: string): boolean => wanted.replace(/\/+$/, '') === directory;

export const createInspectionPort = (world: World): InspectionPort => ({
	async listeners(containers) {
		const proxies = world.containers().filter(container => container.pid !== 0 && container.plan.hostPort !== null).map((container, index): Listener => ({
			port: container.plan.hostPort!, address: '0.0.0.0', service: null,
			owner: {pid: 900 + index, name: ownText('docker-proxy'), containerId: null, sinceMs: Math.round(world.timeline.toWall(container.startedAt))},
		}));
		const inside = world.containers().filter(container => container.pid !== 0 && container.app === 'ready' && containers.some(({pid}) => pid === container.pid)).map((container): Listener => ({
			port: container.plan.containerPort, address: '0.0.0.0', service: container.service,
			owner: {pid: container.pid, name: makeSafe(container.plan.processes[0] ?? container.service), containerId: container.id, sinceMs: Math.round(world.timeline.toWall(container.startedAt))},
		}));
		const stranger = world.strangerOn(5001);
		const strangers: readonly Listener[] = stranger === null ? [] : [{port: 5001, address: '0.0.0.0', service: null, owner: {pid: stranger.pid, name: ownText(stranger.name), containerId: null, sinceMs: null}}];
		return {ok: true, value: [...strangers, {port: 22, address: '0.0.0.0', service: null, owner: {pid: 612, name: ownText('sshd'), containerId: null, sinceMs: null}}, ...proxies, ...inside]};
	},
	async processesOf(containerIds) {
		return {
			ok: true,
			value: world.containers().filter(container => container.pid !== 0 && containerIds.includes(container.id)).flatMap(container => container.plan.processes.map((name, index): ProcessDetail => {
				const startedAtMs = Math.round(world.timeline.toWall(container.startedAt));
				const ageSeconds = Math.max(1, (world.clock.nowMs() - startedAtMs) / 1000);
				const share = container.plan.processes.length === 1 ? 1 : (index === 0 ? 0.1 : 0.9 / (container.plan.processes.length - 1));
				return {
					pid: container.pid + index, parentPid: index === 0 ? 1 : container.pid, name: makeSafe(name), containerId: container.id, startedAtMs,
					cpuCores: cpuSeconds(world, container) * share / ageSeconds, memoryBytes: Math.round(memoryBytes(world, container) * share),
				};
			})),
		};
	},
	async kernelLog(count) {
		const kills = world.kernelKills.map(kill => ({atMs: kill.atMs, text: makeSafe(`${kill.byLimit ? 'Memory cgroup out' : 'Out'} of memory: Killed process ${kill.pid} (${kill.name}) total-vm:412004kB, anon-rss:258112kB`)}));
		return {ok: true, value: [{atMs: world.clock.nowMs() - 259_200_000, text: ownText('docker0: port 1(veth3f1c) entered forwarding state')}, ...kills].slice(-count)};
	},
	hasSystemd: async () => true,
	environment: async id => askEngine<readonly Variable[]>(world, () => {
		const container = world.byId(id);
		if (container === null) {
			return notFound(id);
		}

		const names: Readonly<Record<string, readonly string[]>> = {api: variables.map(({name}) => name), db: ['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD']};
		return {ok: true, value: variables.filter(({name}) => names[container.service]?.includes(name))};
	}),
	network: async name => askEngine<readonly NetworkMember[]>(world, () => name === networkName
		? {ok: true, value: world.containers().filter(container => container.pid !== 0).map(container => ({name: makeSafe(containerName(container.service)), address: planOf(container.service).address, aliases: [container.service]})).sort((a, b) => compareNames(a.name, b.name))}
		: notFound(name)),
	environmentFile: async wanted => isOurs(wanted) ? {ok: true, value: {path: `${directory}/.env`, variables}} : notFound(`${wanted}/.env`),
	neededVariables: async wanted => isOurs(wanted) ? {ok: true, value: ['DATABASE_URL', 'POSTGRES_PASSWORD', 'SECRET_KEY']} : notFound(wanted),
	projectFile: async (wanted, name) => isOurs(wanted) && name === 'scripts/health-check.sh' ? {ok: true, value: healthScript} : notFound(`${wanted}/${name}`),
});
