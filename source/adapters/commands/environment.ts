/**
The environment of every child: small, the same wherever the console was started from, and free of what an operator's shell may carry
(`DOCKER_CONTEXT`, `COMPOSE_FILE`, proxies, prompts). What the caller asks for comes on top.
*/

export type EnvironmentBase = {
	/** PATH of the children. */
	readonly basePath: string;
	readonly home: string;
	readonly user: string;
	/** LANG of the children; null means `C.UTF-8`. */
	readonly language?: string | null;
	/** DOCKER_HOST of the engine on the screen; null while none is known. */
	readonly dockerHost: () => string | null;
};

/** Commands then neither wait for an answer nor draw what only a terminal can show. */
const quiet: Readonly<Record<string, string>> = {
	BUILDKIT_PROGRESS: 'plain',
	COMPOSE_ANSI: 'never',
	PYTHONUNBUFFERED: '1',
	GIT_TERMINAL_PROMPT: '0',
	PAGER: 'cat',
};

/** The whole environment of a child; `extra` wins over everything but what would break the supervisor (see `isPassable`). */
export const childEnvironment = (base: EnvironmentBase, extra: Readonly<Record<string, string>> = {}): Record<string, string> => {
	const host = base.dockerHost();
	return {
		PATH: base.basePath,
		HOME: base.home,
		USER: base.user,
		LOGNAME: base.user,
		LANG: base.language ?? 'C.UTF-8',
		...quiet,
		...(host === null ? {} : {DOCKER_HOST: host}),
		...Object.fromEntries(Object.entries(extra).filter(([name, value]) => isPassable(name, value))),
	};
};

/** A name that a shell can export and that is neither read-only in bash nor one of the supervisor's own; a value without NUL. */
export const isPassable = (name: string, value: string): boolean =>
	/^[A-Za-z_]\w*$/.test(name)
	&& !/^(?:mdc_|(?:BASHOPTS|BASH_VERSINFO|EUID|PPID|SHELLOPTS|UID)$)/.test(name)
	&& !value.includes('\0');
