/** What doctor asks of the engine and the project on it: engine, permission, project, Compose, directory, compose file, ports. */

import {composeFor} from '../../core/compose-tools.ts';
import type {ComposeTools, ContainerFacts, ContainersPort, EngineFacts, FilesPort, ProjectFacts} from '../../core/ports.ts';
import type {Settings} from '../../core/settings.ts';
import {failed, finding} from './findings.ts';
import type {DoctorFinding, DoctorProbes} from './findings.ts';
import {failureSentence} from '../../messages/failures.ts';
import type {Language} from '../../messages/language.ts';

export type EngineInput = {
	readonly containers: Pick<ContainersPort, 'engine' | 'projects' | 'containers'>;
	readonly composeTools: () => Promise<ComposeTools>;
	readonly files: Pick<FilesPort, 'composeFiles'>;
	readonly probes: Pick<DoctorProbes, 'user' | 'look' | 'connect'>;
	readonly settings: Pick<Settings, 'project' | 'directory'>;
	readonly language: Language;
};

/** All about the engine, in the order in which it is printed; `isSilent` when nothing could be asked of it. */
export const checkEngine = async (input: EngineInput): Promise<{readonly findings: readonly DoctorFinding[]; readonly isSilent: boolean}> => {
	const {containers, probes, settings} = input;
	const [engine, tools] = await Promise.all([containers.engine(), input.composeTools()]);
	if (!engine.ok) {
		const isDenied = engine.failure.code === 'engine-denied';
		const failure = isDenied ? {...engine.failure, params: {user: probes.user, ...engine.failure.params}} : engine.failure;
		return {
			isSilent: true,
			findings: [
				failed('engine', failure),
				...isDenied ? [] : [finding('permission', 'unknown', 'permission-unknown')],
				finding('project', 'unknown', 'needs-engine'),
				checkCompose(tools, null),
				...settings.directory === null ? [] : await checkDirectory(settings.directory, [], input),
			],
		};
	}

	const {version, apiVersion, host} = engine.value;
	const projects = await containers.projects();
	const chosen = projects.ok ? choose(projects.value, settings.project) : null;
	const directory = chosen?.directory ?? settings.directory;
	const [directoryFindings, portFindings] = await Promise.all([
		directory === null ? [finding('directory', chosen === null ? 'unknown' : 'bad', chosen === null ? 'needs-project' : 'directory-unknown')] : checkDirectory(directory, chosen?.configFiles ?? [], input),
		chosen === null ? [finding('ports', 'unknown', 'needs-project')] : checkContainers(chosen.name, engine.value, input),
	]);
	return {
		isSilent: false,
		findings: [
			finding('engine', 'ok', 'engine-answers', {version, apiVersion, host}),
			finding('permission', 'ok', 'permission-given', {user: probes.user}),
			...projects.ok ? [describeProject(projects.value, chosen, settings.project)] : [failed('project', projects.failure)],
			checkCompose(tools, chosen),
			...directoryFindings,
			...portFindings,
		],
	};
};

const choose = (projects: readonly ProjectFacts[], wanted: string | null): ProjectFacts | null => {
	if (wanted !== null) {
		return projects.find(({name}) => name === wanted) ?? null;
	}

	const running = projects.filter(({runningCount}) => runningCount > 0);
	return projects.length === 1 ? projects[0]! : running.length === 1 ? running[0]! : null;
};

const describeProject = (projects: readonly ProjectFacts[], chosen: ProjectFacts | null, wanted: string | null): DoctorFinding => {
	const names = projects.map(({name}) => name).join(', ');
	if (chosen !== null) {
		return finding('project', 'ok', 'project-found', {name: chosen.name, running: chosen.runningCount, total: chosen.containerCount});
	}

	if (wanted !== null) {
		return finding('project', 'bad', 'project-unknown', {name: wanted, names});
	}

	return projects.length === 0 ? finding('project', 'bad', 'project-none') : finding('project', 'warn', 'project-several', {names});
};

const checkCompose = (tools: ComposeTools, project: ProjectFacts | null): DoctorFinding => {
	const {silent} = composeFor(tools, project?.composeVersion ?? null);
	if (silent !== null) {
		return finding('compose', 'bad', 'compose-silent', {tool: silent.tool, detail: silent.failure.detail});
	}

	const {v1, v2} = tools;
	const asV1 = v1 === null ? null : {tool: 'docker-compose', version: v1};
	const asV2 = v2 === null ? null : {tool: v2.words.join(' '), version: v2.version};
	const any = asV1 ?? asV2;
	if (any === null) {
		return finding('compose', 'bad', 'compose-missing');
	}

	const made = project?.composeVersion ?? null;
	if (made === null) {
		return finding('compose', 'ok', project === null ? 'compose-found' : 'compose-available', any);
	}

	const right = /^v?1\./.test(made) ? asV1 : asV2;
	return right === null ? finding('compose', 'bad', 'compose-other', {made, ...any}) : finding('compose', 'ok', 'compose-right', {made, ...right});
};

const checkDirectory = async (path: string, configFiles: readonly string[], {probes, files, language}: EngineInput): Promise<readonly DoctorFinding[]> => {
	const answer = await probes.look(path, 'directory');
	if (answer !== 'right') {
		return [finding('directory', 'bad', `directory-${answer}`, {path})];
	}

	const compose = await files.composeFiles(path, configFiles);
	const where = configFiles.length > 0 ? configFiles.join(', ') : path;
	return [
		finding('directory', 'ok', 'directory-right', {path}),
		compose.ok
			? finding('compose-file', 'ok', 'compose-file-right', {path: where, services: compose.value.services.length})
			: {...finding('compose-file', 'bad', 'compose-file-wrong', {path: where, why: failureSentence(language, compose.failure).title}), ...compose.failure.detail === '' ? {} : {more: [compose.failure.detail]}},
	];
};

const checkContainers = async (project: string, engine: EngineFacts, input: EngineInput): Promise<readonly DoctorFinding[]> => {
	const answer = await input.containers.containers(project);
	return answer.ok ? [...await checkPorts(answer.value, engine, input), ...checkHealthChecks(answer.value)] : [failed('ports', answer.failure)];
};

/** Proves that a process is there, and nothing about its answers. */
const shallow = /^(?:(?:\/bin\/)?sh -c )?\W*(?:true|exit 0|:|pgrep|pidof|ps |kill -0|test -[ef]|ls |echo)\b/;

/** The runbook's "more robust health checks": services without one, and with one that proves nothing. */
export const checkHealthChecks = (containers: readonly ContainerFacts[]): readonly DoctorFinding[] => {
	const services = new Map(containers.filter(({oneOff}) => !oneOff).map(container => [container.service, container]));
	const weak = [...services.values()].flatMap(({service, healthCommand}): readonly DoctorFinding[] => {
		if (healthCommand === '') {
			return [finding('health-checks', 'warn', 'health-check-none', {service})];
		}

		return shallow.test(healthCommand) ? [finding('health-checks', 'warn', 'health-check-shallow', {service, command: healthCommand.slice(0, 80)})] : [];
	});
	if (weak.length > 0) {
		return weak;
	}

	return [finding('health-checks', 'ok', services.size === 0 ? 'health-checks-none' : 'health-checks-right', {count: services.size})];
};

const checkPorts = async (containers: readonly ContainerFacts[], engine: EngineFacts, {probes}: EngineInput): Promise<readonly DoctorFinding[]> => {
	const targets = publishedTargets(containers, engine.host);
	if (targets.length === 0) {
		return [finding('ports', 'ok', 'port-none')];
	}

	return Promise.all(targets.map(async ({service, host, port}) => {
		const told = await probes.connect(host, port);
		return finding('ports', told === 'answers' ? 'ok' : 'bad', `port-${told}`, {service, port: `${host.includes(':') ? `[${host}]` : host}:${port}`});
	}));
};

/** One target for each published TCP port of a running container; a remote engine publishes on its own host. */
const publishedTargets = (containers: readonly ContainerFacts[], engineHost: string): readonly {readonly service: string; readonly host: string; readonly port: number}[] => {
	const remote = engineHost.startsWith('tcp://') && URL.canParse(engineHost.replace('tcp:', 'http:')) ? new URL(engineHost.replace('tcp:', 'http:')).hostname : null;
	const targets = new Map<string, {readonly service: string; readonly host: string; readonly port: number}>();
	for (const {service, state, ports, oneOff} of containers) {
		for (const {hostAddress, hostPort, protocol} of state === 'running' && !oneOff ? ports : []) {
			const isAny = hostAddress === null || hostAddress === '' || hostAddress === '0.0.0.0' || hostAddress === '::';
			const key = `${service} ${hostPort} ${isAny ? '' : hostAddress}`;
			if (protocol === 'tcp' && hostPort !== null && !targets.has(key)) {
				targets.set(key, {service, host: remote ?? (isAny ? (hostAddress === '::' ? '::1' : '127.0.0.1') : hostAddress), port: hostPort});
			}
		}
	}

	return [...targets.values()].slice(0, 50);
};
