/**
Containers of Compose projects by dockerode: list, inspect, events, exec. Hides how they are found (by Compose's labels) and how many
questions are asked at once.

Invariants: at most six inspects are in flight; a container that vanishes between list and inspect is left out, not an error; each
call ends by its deadline; nothing is changed on the engine but by `execute`.
*/

import type {ContainerFacts, ContainersPort, EngineFacts, Outcome} from '../../core/ports.ts';
import {apiFloor, isOlder, type Deadline, type EngineClient} from './client.ts';
import {watchEvents} from './events.ts';
import {executeInside} from './exec.ts';
import {failureOfShape, failureOfVersion} from './failures.ts';
import {compareContainers, composeLabels, containerOf, projectsOf} from './inspect-facts.ts';
import {instantOf, listOf, recordOf, textOf} from './json.ts';

const engineDeadlineMs = 3000;
const callDeadlineMs = 5000;
const inspectsAtOnce = 6;
const imagesAtMost = 60;

/** The containers port over one engine client, which stays the caller's to close. */
export const createContainersPort = (client: EngineClient): ContainersPort => {
	const inspect = async (id: string, deadline: Deadline): Promise<Outcome<ContainerFacts>> => {
		const answer = await client.json({path: `/containers/${encodeURIComponent(id)}/json`, deadline});
		if (!answer.ok) {
			return answer;
		}

		const facts = containerOf(answer.value);
		return facts.id === '' ? malformed(client, 'inspect without an id') : {ok: true, value: facts};
	};

	return {
		engine: async () => engineFacts(client),
		async projects() {
			const list = await listContainers(client, composeLabels.project, client.deadline(callDeadlineMs));
			return list.ok ? {ok: true, value: projectsOf(list.value)} : list;
		},
		async containers(project) {
			const deadline = client.deadline(callDeadlineMs);
			const list = await listContainers(client, `${composeLabels.project}=${project}`, deadline);
			if (!list.ok) {
				return list;
			}

			const ids = list.value.map(entry => textOf(recordOf(entry)['Id'])).filter(id => id !== '');
			const outcomes = await inAtMost(inspectsAtOnce, ids, async id => inspect(id, deadline));
			const facts: ContainerFacts[] = [];
			for (const outcome of outcomes) {
				if (outcome.ok) {
					facts.push(outcome.value);
				} else if (outcome.failure.code !== 'not-found') {
					return outcome;
				}
			}

			return {ok: true, value: facts.sort(compareContainers)};
		},
		inspect: async id => inspect(id, client.deadline(callDeadlineMs)),
		watch: (project, happened, ended) => watchEvents(client, project, happened, ended),
		execute: async (id, command, deadlineMs) => executeInside(client, id, command, deadlineMs),
		async hasImage(name) {
			const answer = await client.json({path: `/images/${name.split('/').map(part => encodeURIComponent(part)).join('/')}/json`, deadline: client.deadline(callDeadlineMs)});
			return answer.ok ? {ok: true, value: true} : (answer.failure.code === 'not-found' ? {ok: true, value: false} : answer);
		},
		async imageTimes(ids) {
			const deadline = client.deadline(callDeadlineMs);
			const answers = await inAtMost(inspectsAtOnce, [...new Set(ids)].slice(0, imagesAtMost), async id => ({id, answer: await client.json({path: `/images/${encodeURIComponent(id)}/json`, deadline})}));
			return {ok: true, value: Object.fromEntries(answers.flatMap(({id, answer}) => {
				const atMs = answer.ok ? instantOf(recordOf(answer.value)['Created']) : null;
				return atMs === null ? [] : [[id, atMs]];
			}))};
		},
	};
};

const malformed = async (client: EngineClient, detail: string): Promise<{readonly ok: false; readonly failure: ReturnType<typeof failureOfShape>}> => {
	const endpoint = await client.endpoint();
	return {ok: false, failure: failureOfShape(detail, endpoint.ok ? endpoint.value : {host: '', socketPath: null})};
};

const listContainers = async (client: EngineClient, label: string, deadline: Deadline): Promise<Outcome<readonly unknown[]>> => {
	const answer = await client.json({path: '/containers/json', query: {all: '1', filters: JSON.stringify({label: [label]})}, deadline});
	if (!answer.ok) {
		return answer;
	}

	return Array.isArray(answer.value) ? {ok: true, value: listOf(answer.value)} : malformed(client, 'list of containers is not a list');
};

const engineFacts = async (client: EngineClient): Promise<Outcome<EngineFacts>> => {
	const deadline = client.deadline(engineDeadlineMs);
	const [versionAnswer, infoAnswer] = await Promise.all([client.json({path: '/version', deadline}), client.json({path: '/info', deadline})]);
	if (!versionAnswer.ok) {
		return versionAnswer;
	}

	const endpoint = await client.endpoint();
	if (!endpoint.ok) {
		return endpoint;
	}

	const version = recordOf(versionAnswer.value);
	const apiVersion = textOf(version['ApiVersion']);
	if (apiVersion === '') {
		return malformed(client, 'version without ApiVersion');
	}

	if (isOlder(apiVersion, apiFloor)) {
		return {ok: false, failure: failureOfVersion(apiVersion, apiFloor, endpoint.value)};
	}

	if (!infoAnswer.ok) {
		return infoAnswer;
	}

	const info = recordOf(infoAnswer.value);
	const cgroupVersion = textOf(info['CgroupVersion']);
	return {
		ok: true,
		value: {
			version: textOf(version['Version']),
			apiVersion,
			host: endpoint.value.host,
			// Engines before 20.10 do not tell it, and know v1 only.
			cgroupVersion: cgroupVersion === '2' ? 2 : cgroupVersion === '1' ? 1 : null,
			cgroupDriver: textOf(info['CgroupDriver']) || null,
			rootDirectory: textOf(info['DockerRootDir']) || null,
			hostName: textOf(info['Name']),
		},
	};
};

/** Runs over all items, at most `limit` at once; answers stand in the items' order. */
const inAtMost = async <Item, Answer>(limit: number, items: readonly Item[], run: (item: Item) => Promise<Answer>): Promise<readonly Answer[]> => {
	const answers: Answer[] = Array.from({length: items.length});
	let next = 0;
	const work = async (): Promise<void> => {
		while (next < items.length) {
			const index = next++;
			answers[index] = await run(items[index]!);
		}
	};

	await Promise.all(Array.from({length: Math.min(limit, items.length)}, work));
	return answers;
};
