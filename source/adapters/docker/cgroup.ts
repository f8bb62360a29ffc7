/**
A container's counters out of cgroup files (v1 and v2) and /proc. Hides where a cgroup lies: the hierarchies' mounts, systemd's and
cgroupfs's notations, a console that itself runs in a container.

Invariants: nothing is forked and nothing is read synchronously; a pid is trusted only while the container's id stands in its cgroup's path,
since the number may have gone to another process.

Sources: cgroups(7), the kernel's Documentation/admin-guide/cgroup-v1/{memory,cpuacct,pids}.rst and cgroup-v2.rst, proc(5).
*/

import {posix} from 'node:path';
import {createKernelFiles} from './kernel-files.ts';

export type CgroupReading = {
	readonly cpuSeconds: number;
	readonly throttledSeconds: number | null;
	readonly memoryBytes: number;
	readonly memoryLimitBytes: number | null;
	readonly receivedBytes: number | null;
	readonly sentBytes: number | null;
	readonly oomKills: number | null;
	readonly processes: number | null;
};

/** `gone`: no such process or cgroup. `foreign`: the pid is not this container's. `denied` and `unreadable`: they exist. */
export type CgroupAnswer =
	| {readonly kind: 'read'; readonly reading: CgroupReading}
	| {readonly kind: 'gone' | 'foreign' | 'denied' | 'unreadable'; readonly detail: string};

export type CgroupReader = (container: {readonly id: string; readonly pid: number}) => Promise<CgroupAnswer>;

type Mount = {readonly controllers: ReadonlySet<string>; readonly version: 1 | 2; readonly root: string; readonly place: string};

/** Where one container's files lie; `text` is the content of its /proc/<pid>/cgroup, as a sign that nothing has changed. */
type Places =
	| {readonly version: 1; readonly text: string; readonly cpuacct: string; readonly cpu: string | null; readonly memory: string; readonly pids: string | null}
	| {readonly version: 2; readonly text: string; readonly directory: string};

/**
Makes a reader. `fileSystemRoot` is put before every path: empty, but for tests with trees of their own. What was found about a
container's place is remembered; 500 containers at most.
*/
export const createCgroupReader = (fileSystemRoot = ''): CgroupReader => {
	const known = new Map<string, Places>();
	let mounts: Promise<readonly Mount[]> | null = null;
	// A test's tree is no kernel's: a removed file of it would go on answering.
	const files = createKernelFiles(fileSystemRoot === '' ? undefined : 0);
	const text: ReadText = async path => files.kept(fileSystemRoot + path);
	const textOnce: ReadText = async path => files.once(fileSystemRoot + path);

	const placesOf = async (container: {readonly id: string; readonly pid: number}): Promise<Places | null> => {
		const membership = await text(`/proc/${container.pid}/cgroup`);
		const remembered = known.get(container.id);
		if (remembered?.text === membership) {
			return remembered;
		}

		mounts ??= readMounts(textOnce);
		const places = findPlaces(container.id, membership, await mounts);
		if (places !== null) {
			if (known.size >= 500) {
				known.clear();
			}

			known.set(container.id, places);
		}

		return places;
	};

	return async container => {
		try {
			const places = await placesOf(container);
			if (places === null) {
				return {kind: 'foreign', detail: `process ${container.pid} is not of this container`};
			}

			const [counters, network] = await Promise.all([
				places.version === 2 ? readVersion2(text, places.directory) : readVersion1(text, places),
				readNetwork(textOnce, container.pid),
			]);
			return {kind: 'read', reading: {...counters, ...network}};
		} catch (error) {
			return answerOfError(error);
		}
	};
};

const answerOfError = (error: unknown): CgroupAnswer => {
	const code = (error as {code?: unknown}).code;
	const detail = error instanceof Error ? error.message : String(error);
	// ESRCH and ENODEV: the process or cgroup went away between opening and reading.
	if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENODEV') {
		return {kind: 'gone', detail};
	}

	return {kind: code === 'EACCES' || code === 'EPERM' ? 'denied' : 'unreadable', detail};
};

type ReadText = (path: string) => Promise<string>;

type Counters = Omit<CgroupReading, 'receivedBytes' | 'sentBytes'>;

/** Where the hierarchies are mounted, out of /proc/self/mountinfo (proc(5)); the usual places when it cannot be read. */
const readMounts = async (text: ReadText): Promise<readonly Mount[]> => {
	let lines: readonly string[];
	try {
		const content = await text('/proc/self/mountinfo');
		lines = content.split('\n');
	} catch {
		// A hidden /proc: the usual places are as good a guess as any, and wrong ones are told as unreadable.
		lines = [];
	}

	const mounts = lines.flatMap((line): readonly Mount[] => {
		const [before = '', after = ''] = line.split(' - ');
		const [, , , root = '', place = ''] = before.split(' ');
		const [type = '', , options = ''] = after.split(' ');
		if (type !== 'cgroup' && type !== 'cgroup2') {
			return [];
		}

		return [{controllers: new Set(type === 'cgroup' ? options.split(',') : []), version: type === 'cgroup' ? 1 : 2, root: unescape(root), place: unescape(place)}];
	});
	if (mounts.length > 0) {
		return mounts;
	}

	const version1 = ['cpu', 'cpuacct', 'memory', 'pids'].map((controller): Mount => ({controllers: new Set([controller]), version: 1, root: '/', place: `/sys/fs/cgroup/${controller}`}));
	return [...version1, {controllers: new Set(), version: 2, root: '/', place: '/sys/fs/cgroup'}];
};

// Spaces and the like stand as octal numbers in mountinfo.
const unescape = (text: string): string => text.replace(/\\(\d{3})/g, (_whole, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));

/** Out of a /proc/<pid>/cgroup; null when the container's id is not in it. */
const findPlaces = (id: string, membership: string, mounts: readonly Mount[]): Places | null => {
	const entries = membership.split('\n').flatMap(line => {
		const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
		return controllers === undefined || path === undefined ? [] : [{controllers: controllers.split(',').filter(name => name !== ''), path}];
	});
	const directoryOf = (controller: string): string | null => {
		const entry = entries.find(({controllers}) => controllers.includes(controller));
		const mount = mounts.find(({version, controllers}) => version === 1 && controllers.has(controller));
		const path = entry === undefined ? null : pathUpTo(id, entry.path);
		return path === null || mount === undefined ? null : within(mount, path);
	};

	const memory = directoryOf('memory');
	const cpuacct = directoryOf('cpuacct');
	if (memory !== null && cpuacct !== null) {
		return {version: 1, text: membership, memory, cpuacct, cpu: directoryOf('cpu'), pids: directoryOf('pids')};
	}

	const unified = entries.find(({controllers}) => controllers.length === 0);
	const path = unified === undefined ? null : pathUpTo(id, unified.path);
	const mount = mounts.find(({version}) => version === 2);
	return path === null || mount === undefined ? null : {version: 2, text: membership, directory: within(mount, path)};
};

/** The path up to the part that names the container: its processes may sit in cgroups below it (systemd or Docker inside). */
const pathUpTo = (id: string, path: string): string | null => {
	if (!/^[\da-f]{12,64}$/.test(id)) {
		return null;
	}

	const parts = path.split('/');
	const index = parts.findIndex(part => part.includes(id));
	return index === -1 ? null : parts.slice(0, index + 1).join('/');
};

/** A cgroup's path as a directory: a mount may show only a part of its hierarchy (in a container, by bind mount). */
const within = (mount: Mount, path: string): string => {
	const shown = mount.root !== '/' && (path === mount.root || path.startsWith(`${mount.root}/`)) ? path.slice(mount.root.length) : path;
	return posix.join(mount.place, shown);
};

const readVersion1 = async (text: ReadText, places: Places & {readonly version: 1}): Promise<Counters> => {
	const [usage, cpuStat, memory, memoryStat, oomControl, processes] = await Promise.all([
		text(`${places.cpuacct}/cpuacct.usage`),
		places.cpu === null ? '' : orEmpty(text(`${places.cpu}/cpu.stat`)),
		text(`${places.memory}/memory.usage_in_bytes`),
		orEmpty(text(`${places.memory}/memory.stat`)),
		orEmpty(text(`${places.memory}/memory.oom_control`)),
		places.pids === null ? '' : orEmpty(text(`${places.pids}/pids.current`)),
	]);
	const throttledNanoseconds = valueIn(cpuStat, 'throttled_time');
	// The limit that counts: this cgroup's own, or a lower one above it.
	const limitBytes = valueIn(memoryStat, 'hierarchical_memory_limit') ?? numberIn(await orEmpty(text(`${places.memory}/memory.limit_in_bytes`)));
	return {
		cpuSeconds: required(usage, 'cpuacct.usage') / 1e9,
		throttledSeconds: throttledNanoseconds === null ? null : throttledNanoseconds / 1e9,
		memoryBytes: Math.max(0, required(memory, 'memory.usage_in_bytes') - (valueIn(memoryStat, 'total_inactive_file') ?? 0)),
		// Unlimited is the highest multiple of the page size, close to 2^63.
		memoryLimitBytes: limitBytes === null || limitBytes >= 2 ** 60 ? null : limitBytes,
		oomKills: valueIn(oomControl, 'oom_kill'),
		processes: numberIn(processes),
	};
};

const readVersion2 = async (text: ReadText, directory: string): Promise<Counters> => {
	const [cpuStat, memory, memoryStat, limit, events, processes] = await Promise.all([
		text(`${directory}/cpu.stat`),
		text(`${directory}/memory.current`),
		orEmpty(text(`${directory}/memory.stat`)),
		orEmpty(text(`${directory}/memory.max`)),
		orEmpty(text(`${directory}/memory.events`)),
		orEmpty(text(`${directory}/pids.current`)),
	]);
	const usage = valueIn(cpuStat, 'usage_usec');
	const throttled = valueIn(cpuStat, 'throttled_usec');
	return {
		cpuSeconds: required(String(usage ?? ''), 'cpu.stat') / 1e6,
		throttledSeconds: throttled === null ? null : throttled / 1e6,
		memoryBytes: Math.max(0, required(memory, 'memory.current') - (valueIn(memoryStat, 'inactive_file') ?? 0)),
		memoryLimitBytes: numberIn(limit),
		oomKills: valueIn(events, 'oom_kill'),
		processes: numberIn(processes),
	};
};

/** All interfaces of the process's network namespace but the loopback; nulls where it cannot be read. */
const readNetwork = async (text: ReadText, pid: number): Promise<Pick<CgroupReading, 'receivedBytes' | 'sentBytes'>> => {
	const content = await orEmpty(text(`/proc/${pid}/net/dev`));
	if (content === '') {
		return {receivedBytes: null, sentBytes: null};
	}

	let receivedBytes = 0;
	let sentBytes = 0;
	for (const line of content.split('\n').slice(2)) {
		const colon = line.indexOf(':');
		const columns = line.slice(colon + 1).trim().split(/\s+/).map(Number);
		if (colon !== -1 && line.slice(0, colon).trim() !== 'lo') {
			receivedBytes += columns[0] || 0;
			sentBytes += columns[8] || 0;
		}
	}

	return {receivedBytes, sentBytes};
};

// A file that this kernel does not have leaves its fact unknown; that the whole cgroup is gone shows in the files that must be there.
const orEmpty = async (content: Promise<string>): Promise<string> => {
	try {
		return await content;
	} catch {
		return '';
	}
};

const numberIn = (text: string): number | null => /^\d+\s*$/.test(text) ? Number(text) : null;

const required = (text: string, name: string): number => {
	const value = numberIn(text);
	if (value === null) {
		throw new Error(`${name} is not a number`);
	}

	return value;
};

/** The number behind `key` in a file of `key value` lines. */
const valueIn = (text: string, key: string): number | null => {
	const from = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
	if (from === 0 && !text.startsWith(`${key} `)) {
		return null;
	}

	const value = Number.parseInt(text.slice(from + key.length + 1, from + key.length + 24), 10);
	return Number.isNaN(value) ? null : value;
};
