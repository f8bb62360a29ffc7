/**
Which shipped action a list of commands equals, as far as the server is concerned. Hides that the same fix is written in many ways: `down redis` and
`up -d redis` on the page are a restart, `build` and `up` a rebuild.
*/

import type {Meaning} from './commands.ts';

const isCompose = (meaning: Meaning | undefined, verb: string): meaning is Extract<Meaning, {kind: 'compose'}> => meaning?.kind === 'compose' && meaning.verb === verb;

const hasOnly = (options: readonly string[], allowed: RegExp): boolean => options.every(option => allowed.test(option));

const detached = /^(?:-d|--detach)$/;

/** A service started by itself: `up -d api`, nothing else said. */
const startedAlone = (meaning: Meaning | undefined): string | null =>
	isCompose(meaning, 'up') && meaning.service !== null && meaning.rest.length === 0 && hasOnly(meaning.options, detached) && meaning.options.length > 0 ? meaning.service : null;

const single = (meaning: Meaning): string | null => {
	if (meaning.kind === 'action') {
		return meaning.action;
	}

	const started = startedAlone(meaning);
	if (started !== null) {
		return `start-${started}`;
	}

	if (meaning.kind !== 'compose') {
		return null;
	}

	const {verb, service, options, rest} = meaning;
	if (verb === 'restart' && service !== null && rest.length === 0 && options.length === 0) {
		return `restart-${service}`;
	}

	if (verb === 'up' && service !== null && rest.length === 0 && options.includes('--build') && hasOnly(options, /^(?:-d|--detach|--build)$/)) {
		return `rebuild-${service}`;
	}

	const scale = options.map(option => /^--scale=([\w.-]+)=\d+$/.exec(option)?.[1]).find(found => found !== undefined);
	if (verb === 'up' && scale !== undefined && hasOnly(options, /^(?:-d|--detach|--scale=.*)$/) && (service === null || service === scale)) {
		return `scale-${scale}`;
	}

	if ((verb === 'exec' || verb === 'run') && service === 'api' && /^(?:python3? -m )?flask db upgrade(?: head)?$/.test(rest.join(' '))) {
		return 'migrate';
	}

	return (verb === 'exec' && rest[0] === 'pg_dump') ? 'backup-db' : null;
};

const pair = (first: Meaning, second: Meaning): string | null => {
	const started = startedAlone(second);
	if (started === null || first.kind !== 'compose') {
		return null;
	}

	const isSame = first.service === started && first.rest.length === 0;
	switch (first.verb) {
		case 'down':
		case 'stop':
		case 'kill': {
			return isSame ? `restart-${started}` : null;
		}

		case 'build': {
			return isSame && hasOnly(first.options, /^--(?:no-cache|pull)$/) ? `rebuild-${started}` : null;
		}

		case 'pull': {
			return isSame || first.service === null ? 'rollback-image' : null;
		}

		default: {
			return null;
		}
	}
};

/** The id of the action that the commands equal, all of them together; null when none does. */
export const actionOf = (meanings: readonly Meaning[]): string | null => {
	if (meanings.length === 1) {
		return single(meanings[0]!);
	}

	if (meanings.length === 2) {
		const action = pair(meanings[0]!, meanings[1]!);
		if (action !== null) {
			return action;
		}
	}

	const checksOut = meanings.some(meaning => meaning.kind === 'git' && (meaning.verb === 'checkout' || meaning.verb === 'switch' || meaning.verb === 'reset' || meaning.verb === 'revert'));
	const comesUp = meanings.some(meaning => isCompose(meaning, 'up'));
	const known = meanings.every(meaning => meaning.kind === 'git' || (meaning.kind === 'compose' && ['down', 'up', 'build', 'stop', 'pull'].includes(meaning.verb)));
	return checksOut && comesUp && known ? 'rollback-commit' : null;
};
