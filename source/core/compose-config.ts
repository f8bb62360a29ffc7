/**
What `compose config` says about a service's environment, as far as a card needs it: which variables would be blank. Compose writes it in one fixed
shape (two spaces a level, one `NAME: value` a line), so it is read by its lines; values are looked at and not kept.
*/

/** Names of a service's variables that are empty or left to a shell that does not have them. */
export const blankVariables = (config: string, service: string): readonly string[] => {
	const names: string[] = [];
	let isServices = false;
	let isService = false;
	let isEnvironment = false;
	for (const line of config.split('\n')) {
		const depth = line.length - line.trimStart().length;
		const text = line.trim();
		if (text === '') {
			continue;
		}

		if (depth === 0) {
			isServices = text === 'services:';
			isService = false;
		} else if (depth === 2) {
			isService = isServices && (text === `${service}:` || text === `"${service}":` || text === `'${service}':`);
			isEnvironment = false;
		} else if (depth === 4) {
			isEnvironment = isService && text === 'environment:';
		} else if (depth === 6 && isEnvironment) {
			const match = /^["']?([A-Za-z_]\w*)["']?:\s*(.*)$/.exec(text);
			if (match !== null && /^(?:|''|""|null|~)$/.test(match[2]!)) {
				names.push(match[1]!);
			}
		}
	}

	return names;
};

/** Names of variables that have a value, from `NAME=value` lines. */
export const filledVariables = (environment: string): ReadonlySet<string> =>
	new Set(environment.split('\n').flatMap(line => /^([A-Za-z_]\w*)=./.exec(line)?.[1] ?? []));
