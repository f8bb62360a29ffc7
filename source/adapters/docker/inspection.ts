/**
What the checks ask the engine: a container's environment and who is attached to a network. The environment's values are secrets until somebody has
said otherwise: they leave here only as this port's answer, never as a part of ContainerFacts.
*/

import type {InspectionPort, NetworkMember} from '../../core/inspection.ts';
import type {Variable} from '../../core/secrets.ts';
import {compareNames, makeSafe} from '../../core/text.ts';
import type {EngineClient} from './client.ts';
import {listOf, recordOf, textOf, textsOf} from './json.ts';

const callDeadlineMs = 5000;

/** The engine's part of the checks. */
export const createEngineInspection = (client: EngineClient): Pick<InspectionPort, 'environment' | 'network'> => ({
	async environment(containerId) {
		const answer = await client.json({path: `/containers/${encodeURIComponent(containerId)}/json`, deadline: client.deadline(callDeadlineMs)});
		return answer.ok ? {ok: true, value: variablesOf(recordOf(recordOf(answer.value)['Config'])['Env'])} : answer;
	},
	async network(name) {
		const deadline = client.deadline(callDeadlineMs);
		const answer = await client.json({path: `/networks/${encodeURIComponent(name)}`, deadline});
		if (!answer.ok) {
			return answer;
		}

		const listed = await client.json({path: '/containers/json', query: {filters: JSON.stringify({network: [name]})}, deadline});
		if (!listed.ok) {
			return listed;
		}

		return {ok: true, value: membersOf(recordOf(answer.value), listOf(listed.value), name)};
	},
});

/** `NAME=value` as the engine lists them. */
export const variablesOf = (environment: unknown): readonly Variable[] => textsOf(environment).map(line => {
	const at = line.indexOf('=');
	return at < 0 ? {name: line, value: ''} : {name: line.slice(0, at), value: line.slice(at + 1)};
});

const membersOf = (network: ReturnType<typeof recordOf>, listed: readonly unknown[], name: string): readonly NetworkMember[] =>
	Object.entries(recordOf(network['Containers'])).map(([id, member]): NetworkMember => {
		const {Name: memberName, IPv4Address: address, IPv6Address: address6} = recordOf(member);
		const container = recordOf(listed.find(entry => textOf(recordOf(entry)['Id']) === id));
		const joined = recordOf(recordOf(recordOf(container['NetworkSettings'])['Networks'])[name]);
		return {
			name: makeSafe(textOf(memberName)),
			address: makeSafe((textOf(address) || textOf(address6)).replace(/\/\d+$/, '')),
			aliases: [...new Set([...textsOf(joined['Aliases']), textOf(recordOf(container['Labels'])['com.docker.compose.service'])])].filter(alias => alias !== '').map(alias => makeSafe(alias)),
		};
	}).sort((a, b) => compareNames(a.name, b.name));
