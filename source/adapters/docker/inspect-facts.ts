/**
From the engine's JSON (list, inspect, labels of Compose) to the facts of ports.ts. Hides the differences between Compose v1 and v2:
v1 writes `config_files` relative to the working directory, v2 absolute; v1 writes `oneoff` as `True`/`False`, v2 may write either case.

Invariant: pure; whatever stands in the JSON, a whole ContainerFacts comes out.
*/

import {isAbsolute, resolve} from 'node:path';
import type {ContainerDefinition, ContainerFacts, ContainerHealth, ContainerNetwork, ContainerState, ProjectFacts, PublishedPort} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {instantOf, labelsOf, listOf, numberOf, recordOf, textOf, textsOf, type JsonRecord} from './json.ts';

export const composeLabels = {
	project: 'com.docker.compose.project',
	service: 'com.docker.compose.service',
	number: 'com.docker.compose.container-number',
	oneOff: 'com.docker.compose.oneoff',
	directory: 'com.docker.compose.project.working_dir',
	configFiles: 'com.docker.compose.project.config_files',
	version: 'com.docker.compose.version',
	configHash: 'com.docker.compose.config-hash',
} as const;

type Labels = Readonly<Record<string, string>>;

const healthOutputLimit = 2048;

/** True for the containers of `compose run`. */
export const isOneOff = (labels: Labels): boolean => labels[composeLabels.oneOff]?.toLowerCase() === 'true';

const directoryOf = (labels: Labels): string | null => labels[composeLabels.directory] || null;

/** The compose files as absolute paths; relative ones of Compose v1 lie in its working directory. */
export const configFilesOf = (labels: Labels): readonly string[] => {
	const directory = directoryOf(labels);
	return (labels[composeLabels.configFiles] ?? '')
		.split(',')
		.map(file => file.trim())
		.filter(file => file !== '' && file !== '-')
		.map(file => isAbsolute(file) || directory === null ? file : resolve(directory, file));
};

/** The projects in an answer of `/containers/json`, by name. Where its containers disagree, the newest one tells. */
export const projectsOf = (list: readonly unknown[]): readonly ProjectFacts[] => {
	const groups = new Map<string, {readonly entry: JsonRecord; readonly labels: Labels}[]>();
	for (const item of list) {
		const entry = recordOf(item);
		const labels = labelsOf(entry['Labels']);
		const name = labels[composeLabels.project];
		if (name !== undefined && name !== '') {
			const group = groups.get(name) ?? [];
			group.push({entry, labels});
			groups.set(name, group);
		}
	}

	return [...groups].map(([name, group]) => projectOf(name, group)).sort((a, b) => compareTexts(a.name, b.name));
};

const projectOf = (name: string, group: readonly {readonly entry: JsonRecord; readonly labels: Labels}[]): ProjectFacts => {
	const services = group.filter(({labels}) => !isOneOff(labels));
	const newest = [...(services.length > 0 ? services : group)].sort((a, b) => numberOf(b.entry['Created']) - numberOf(a.entry['Created']))[0]!;
	return {
		name: makeSafe(name),
		directory: directoryOf(newest.labels),
		configFiles: configFilesOf(newest.labels),
		composeVersion: newest.labels[composeLabels.version] ?? null,
		services: [...new Set(services.map(({labels}) => labels[composeLabels.service] ?? ''))].filter(service => service !== '').sort(compareTexts),
		containerCount: group.length,
		runningCount: group.filter(({entry}) => entry['State'] === 'running').length,
	};
};

/** An answer of `/containers/<id>/json`. */
export const containerOf = (inspected: unknown): ContainerFacts => {
	const whole = recordOf(inspected);
	const state = recordOf(whole['State']);
	const config = recordOf(whole['Config']);
	const hostConfig = recordOf(whole['HostConfig']);
	const labels = labelsOf(config['Labels']);
	const {project, service, number, version, configHash} = composeLabels;
	const running = state['Running'] === true;
	return {
		id: textOf(whole['Id']),
		// Labels are free text and end up on the screen: a hostile one must not carry control sequences there.
		name: makeSafe(textOf(whole['Name']).replace(/^\//, '')),
		project: makeSafe(labels[project] ?? ''),
		service: makeSafe(labels[service] ?? ''),
		number: Number.parseInt(labels[number] ?? '', 10) || 1,
		oneOff: isOneOff(labels),
		image: makeSafe(textOf(config['Image'])),
		imageId: textOf(whole['Image']),
		state: stateOf(state),
		...healthOf(state, config),
		createdAtMs: instantOf(whole['Created']),
		startedAtMs: instantOf(state['StartedAt']),
		finishedAtMs: instantOf(state['FinishedAt']),
		exitCode: numberOf(state['ExitCode']),
		oomKilled: state['OOMKilled'] === true,
		error: makeSafe(textOf(state['Error']).slice(0, healthOutputLimit)),
		restarts: numberOf(whole['RestartCount']),
		pid: running ? numberOf(state['Pid']) : 0,
		tty: config['Tty'] === true,
		logDriver: textOf(recordOf(hostConfig['LogConfig'])['Type']),
		ports: portsOf(recordOf(whole['NetworkSettings']), hostConfig, running),
		networks: networksOf(recordOf(whole['NetworkSettings'])),
		memoryLimitBytes: numberOf(hostConfig['Memory']) > 0 ? numberOf(hostConfig['Memory']) : null,
		cpuLimitCores: cpuLimitOf(hostConfig),
		composeVersion: labels[version] ?? null,
		configHash: labels[configHash] ?? null,
		directory: directoryOf(labels),
		configFiles: configFilesOf(labels),
		...definitionOf(whole, config, hostConfig),
	};
};

/** How it was meant. Of the environment only names leave this file. */
const definitionOf = (whole: JsonRecord, config: JsonRecord, hostConfig: JsonRecord): ContainerDefinition => {
	const health = recordOf(config['Healthcheck']);
	const variables = textsOf(config['Env']).map(entry => ({name: makeSafe(entry.split('=', 1)[0]!.slice(0, 100)), isUnset: /^[^=]*(?:=\s*)?$/.test(entry)}));
	const milliseconds = (value: unknown): number | null => numberOf(value) > 0 ? numberOf(value) / 1e6 : null;
	return {
		command: makeSafe(textsOf(config['Cmd']).join(' ').slice(0, 500)),
		entrypoint: makeSafe(textsOf(config['Entrypoint']).join(' ').slice(0, 500)),
		restartPolicy: textOf(recordOf(hostConfig['RestartPolicy'])['Name']) || 'no',
		healthStartPeriodMs: milliseconds(health['StartPeriod']),
		healthIntervalMs: milliseconds(health['Interval']),
		pidsLimit: numberOf(hostConfig['PidsLimit']) > 0 ? numberOf(hostConfig['PidsLimit']) : null,
		mounts: listOf(whole['Mounts']).map(mount => {
			const {Source: source, Destination: destination, RW: writable} = recordOf(mount);
			return {source: makeSafe(textOf(source)), destination: makeSafe(textOf(destination)), writable: writable === true};
		}),
		environment: {names: variables.map(({name}) => name).slice(0, 200), unset: variables.filter(({isUnset}) => isUnset).map(({name}) => name).slice(0, 200)},
	};
};

const states: ReadonlySet<string> = new Set<ContainerState>(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);

const stateOf = (state: JsonRecord): ContainerState => {
	const status = textOf(state['Status']);
	if (states.has(status)) {
		return status as ContainerState;
	}

	// Podman says `configured`, `initialized`, `stopped`…: what runs is told by the flag.
	return state['Running'] === true ? 'running' : textOf(state['StartedAt']).startsWith('0001-') ? 'created' : 'exited';
};

/** The engine's word for a health, `none` for what is not one. */
export const healthNamed = (status: string): ContainerHealth =>
	status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none';

const healthOf = (state: JsonRecord, config: JsonRecord): Pick<ContainerFacts, 'health' | 'healthOutput' | 'healthAtMs' | 'healthFailingStreak' | 'healthCommand'> => {
	const health = recordOf(state['Health']);
	const last = recordOf(listOf(health['Log']).at(-1));
	const test = textsOf(recordOf(config['Healthcheck'])['Test']);
	const words = test[0] === 'CMD' || test[0] === 'CMD-SHELL' ? test.slice(1) : test[0] === 'NONE' ? [] : test;
	return {
		health: healthNamed(textOf(health['Status'])),
		healthOutput: makeSafe(textOf(last['Output']).slice(0, healthOutputLimit).trimEnd()),
		healthAtMs: instantOf(last['End']),
		healthFailingStreak: numberOf(health['FailingStreak']),
		healthCommand: makeSafe(words.join(' ')),
	};
};

const portsOf = (network: JsonRecord, hostConfig: JsonRecord, running: boolean): readonly PublishedPort[] => {
	// A container that does not run holds no ports, and one between two restarts (which the engine calls running) neither: its configuration
	// tells which it would publish. On the host's own network it publishes none, whatever that says.
	const held = recordOf(running ? network['Ports'] : {});
	const bindings = Object.keys(held).length > 0 || textOf(hostConfig['NetworkMode']) === 'host' ? held : recordOf(hostConfig['PortBindings']);
	return Object.entries(bindings).flatMap(([name, hosts]): readonly PublishedPort[] => {
		const [port = '', protocol = 'tcp'] = name.split('/');
		const containerPort = Number.parseInt(port, 10);
		if (Number.isNaN(containerPort)) {
			return [];
		}

		const published = listOf(hosts).map(host => {
			const {HostIp: address, HostPort: hostPort} = recordOf(host);
			return {containerPort, protocol, hostAddress: textOf(address) || null, hostPort: Number.parseInt(textOf(hostPort), 10) || null};
		});
		return published.length > 0 ? published : [{containerPort, protocol, hostAddress: null, hostPort: null}];
	}).sort((a, b) => a.containerPort - b.containerPort || compareTexts(a.protocol, b.protocol));
};

const networksOf = (network: JsonRecord): readonly ContainerNetwork[] =>
	Object.entries(recordOf(network['Networks'])).map(([name, joined]) => {
		const {IPAddress: address, GlobalIPv6Address: address6, Aliases: aliases} = recordOf(joined);
		return {name: makeSafe(name), address: textOf(address) || textOf(address6), aliases: textsOf(aliases)};
	}).sort((a, b) => compareTexts(a.name, b.name));

const cpuLimitOf = (hostConfig: JsonRecord): number | null => {
	const nanoCpus = numberOf(hostConfig['NanoCpus']);
	const quota = numberOf(hostConfig['CpuQuota']);
	if (nanoCpus > 0) {
		return nanoCpus / 1e9;
	}

	return quota > 0 ? quota / (numberOf(hostConfig['CpuPeriod']) || 100_000) : null;
};

/** By service, then number, one-offs after the service's own, then by id so that the order never wavers. */
export const compareContainers = (a: ContainerFacts, b: ContainerFacts): number =>
	compareTexts(a.service, b.service) || Number(a.oneOff) - Number(b.oneOff) || a.number - b.number || compareTexts(a.id, b.id);

const compareTexts = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0;
