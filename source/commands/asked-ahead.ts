/**
The engine asked for everything that a first look wants before there is anybody to look: while the rest of the program is loaded the answers come. Hides which
answers wait here; each is given once, to the first who asks, and from then on the engine is asked.
*/

import type {ContainersPort, Outcome, ProjectFacts} from '../core/ports.ts';

/** `chosen` says which project the look will be about, as far as that can be told from the list of projects alone. */
export const askedAhead = (containers: ContainersPort, chosen: (projects: readonly ProjectFacts[]) => string | null): ContainersPort => {
	const engine = given(containers.engine(), containers.engine);
	const asked = containers.projects();
	const projects = given(asked, containers.projects);
	const nameOf = (answer: Outcome<readonly ProjectFacts[]>): string | null => answer.ok ? chosen(answer.value) : null;
	const ahead = asked.then(async answer => {
		const name = nameOf(answer);
		return name === null ? null : {name, list: await containers.containers(name)};
	});
	let isGiven = false;
	return {
		...containers,
		engine,
		projects,
		async containers(project) {
			const first = isGiven ? null : await ahead;
			isGiven = true;
			return first?.name === project ? first.list : containers.containers(project);
		},
	};
};

/** Answers with what was asked already the first time, and asks anew after that. */
export const given = <Answer>(first: Promise<Answer>, ask: () => Promise<Answer>): (() => Promise<Answer>) => {
	let isGiven = false;
	return async () => {
		const answer = isGiven ? ask() : first;
		isGiven = true;
		return answer;
	};
};
