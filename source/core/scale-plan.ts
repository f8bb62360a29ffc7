/**
Scaling a service: how many of it can hold the ports that it publishes. Hides how Docker writes what was asked for: one port of the host is one container's
alone, a range is shared out, and what is left to the system never runs out.
*/

import type {LookAnswer} from './action-looks.ts';
import {blank, trouble, type Plan, type Trouble} from './action-troubles.ts';
import type {Action, ActionWorld} from './actions.ts';
import type {ContainerFacts} from './ports.ts';

type Published = {readonly first: number; readonly last: number};

/** What a container asked of the host's ports (`HostConfig.PortBindings`); null when it is not told. Ports that the system gives out are left out. */
export const publishedIn = (answer: LookAnswer | undefined): readonly Published[] | null => {
	if (answer?.ok !== true || !answer.text.trim().startsWith('{')) {
		return answer?.ok === true && answer.text.trim() === 'null' ? [] : null;
	}

	return [...answer.text.matchAll(/"HostPort":"(\d{0,5})(?:-(\d{1,5}))?"/g)]
		.map(([, first = '', last = first]) => ({first: Number(first), last: Number(last)}))
		.filter(({first}) => first > 0);
};

/** Ports of the host that somebody listens on, a hexadecimal number a line, as the kernel writes them. */
export const listenedIn = (answer: LookAnswer | undefined): ReadonlySet<number> =>
	new Set(answer?.ok === true ? answer.text.split('\n').filter(line => /^[\dA-F]{1,4}$/i.test(line.trim())).map(line => Number.parseInt(line, 16)) : []);

/** Given out by the system from here on, where nothing else is known. */
const lastEphemeral = 32_768;

/** What Docker does not say is taken from the ports that are held now: one of them, unless the system gave it out. */
const guessed = (containers: readonly ContainerFacts[]): readonly Published[] => {
	const held = containers.flatMap(({ports}) => ports).find(port => port.hostPort !== null && port.hostPort < lastEphemeral)?.hostPort ?? null;
	return held === null ? [] : [{first: held, last: held}];
};

/** How many containers can hold these ports: those that hold them now, and one for each port that nobody holds. */
const roomIn = ({first, last}: Published, own: ReadonlySet<number>, listened: ReadonlySet<number>): number => {
	let room = 0;
	for (let port = first; port <= Math.min(last, 65_535); port++) {
		room += own.has(port) || !listened.has(port) ? 1 : 0;
	}

	return room;
};

const troublesOf = (service: string, wanted: number, containers: readonly ContainerFacts[], answers: Readonly<Record<string, LookAnswer>>): readonly Trouble[] => {
	const own = new Set(containers.flatMap(({ports}) => ports).map(({hostPort}) => hostPort).filter(port => port !== null));
	const listened = listenedIn(answers['listened']);
	const published = publishedIn(answers['published']) ?? guessed(containers);
	return published.flatMap((range): readonly Trouble[] => {
		const {first, last} = range;
		if (first === last) {
			return wanted > 1 ? [trouble('port-fixed', true, {service, port: String(first)})] : [];
		}

		const room = roomIn(range, own, listened);
		return [trouble(wanted > room ? 'ports-too-few' : 'ports-enough', wanted > room, {service, first: String(first), last: String(last), room: String(room)})];
	});
};

/** The plan of a scale action; `answers` is null while its looks are under way. */
export const scalePlan = (action: Action, world: ActionWorld, compose: string, answers: Readonly<Record<string, LookAnswer>> | null): Plan => {
	const service = action.service ?? '';
	const containers = (world.situation.containers.value ?? []).filter(container => container.service === service && !container.oneOff);
	const wanted = Number(world.values?.['REPLICAS'] ?? containers.length);
	return {
		...blank,
		steps: [`${compose} up -d --no-recreate --scale ${service}="$REPLICAS" ${service}`],
		values: {REPLICAS: String(Math.max(1, containers.length))},
		adds: containers.length > 0 && wanted > containers.length,
		alone: true,
		troubles: [
			...(answers === null && containers.length > 0 ? [trouble('looking', true)] : troublesOf(service, wanted, containers, answers ?? {})),
			...(wanted === containers.length ? [trouble('same-scale', false, {count: String(wanted)})] : []),
		],
	};
};
