/**
The texts of /proc as figures: CPU, load, memory, boot, page size. Pure: text in, values out; null where the text is not what
the kernel writes. Hidden here: field orders and units (clock ticks, kB, pages). Layouts: proc(5).
*/

/** Clock ticks per second that /proc counts in. USER_HZ is 100 on every Linux architecture that Node runs on. */
export const ticksPerSecond = 100;

export type CpuFigures = {
	readonly busySeconds: number;
	readonly idleSeconds: number;
	readonly stolenSeconds: number;
	readonly waitSeconds: number;
};

/** The `cpu` line of /proc/stat. The four spans do not overlap: together they are all the time of all cores since boot. */
export const parseCpu = (stat: string): CpuFigures | null => {
	const line = /^cpu +([\d ]+)$/m.exec(stat);
	if (line === null) {
		return null;
	}

	// Guest time (fields 9 and 10) is already inside user and nice.
	const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupts = 0, softInterrupts = 0, stolen = 0] = line[1]!.trim().split(/ +/).map(Number);
	return {
		busySeconds: (user + nice + system + interrupts + softInterrupts) / ticksPerSecond,
		idleSeconds: idle / ticksPerSecond,
		stolenSeconds: stolen / ticksPerSecond,
		waitSeconds: wait / ticksPerSecond,
	};
};

/** Cores that /proc/stat lists (online ones). */
export const parseCores = (stat: string): number => stat.match(/^cpu\d+ /gm)?.length ?? 0;

/** Boot instant in epoch ms, in whole seconds (`btime` of /proc/stat). */
export const parseBootAtMs = (stat: string): number | null => {
	const seconds = /^btime (\d+)$/m.exec(stat);
	return seconds === null ? null : Number(seconds[1]) * 1000;
};

/** The three averages of /proc/loadavg. */
export const parseLoad = (loadavg: string): readonly [number, number, number] | null => {
	const [one, five, fifteen] = loadavg.split(' ', 3).map(Number);
	return Number.isFinite(one) && Number.isFinite(five) && Number.isFinite(fifteen) ? [one!, five!, fifteen!] : null;
};

export type MemoryFigures = {
	readonly totalBytes: number;
	readonly availableBytes: number;
	readonly swapTotalBytes: number;
	readonly swapUsedBytes: number;
};

/** /proc/meminfo. Kernels before 3.14 have no MemAvailable: free, buffers and cache stand in. */
export const parseMemory = (meminfo: string): MemoryFigures | null => {
	const bytes = new Map<string, number>();
	for (const line of meminfo.matchAll(/^(\w+): +(\d+) kB$/gm)) {
		bytes.set(line[1]!, Number(line[2]) * 1024);
	}

	const of = (name: string): number => bytes.get(name) ?? 0;
	const totalBytes = bytes.get('MemTotal');
	return totalBytes === undefined ? null : {
		totalBytes,
		availableBytes: bytes.get('MemAvailable') ?? of('MemFree') + of('Buffers') + of('Cached'),
		swapTotalBytes: of('SwapTotal'),
		swapUsedBytes: of('SwapTotal') - of('SwapFree'),
	};
};

/** PRETTY_NAME of an os-release file, unquoted. */
export const parseSystemName = (release: string): string | null => {
	const line = /^PRETTY_NAME=(.*)$/m.exec(release);
	const name = line?.[1]?.trim().replace(/^(["'])(.*)\1$/, '$2').replaceAll(/\\(.)/g, '$1');
	return name === undefined || name === '' ? null : name;
};

/** AT_PAGESZ from /proc/self/auxv (pairs of 64-bit words, getauxval(3)); 4096 where it is not told. */
export const parsePageBytes = (auxiliary: Uint8Array): number => {
	const pageSizeEntry = 6n;
	const view = new DataView(auxiliary.buffer, auxiliary.byteOffset, auxiliary.byteLength);
	for (let offset = 0; offset + 16 <= view.byteLength; offset += 16) {
		if (view.getBigUint64(offset, true) === pageSizeEntry) {
			return Number(view.getBigUint64(offset + 8, true));
		}
	}

	return 4096;
};

/** The container that a cgroup path belongs to: its first 64 hex digits (the outermost one, which is the one this host's engine knows). */
export const containerIdIn = (path: string): string | null => /(?<![\da-f])[\da-f]{64}(?![\da-f])/.exec(path)?.[0] ?? null;
