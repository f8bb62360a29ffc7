// The one file of systeminformation that we load: the package declares types for its index only, and the index loads 20,000 lines.
declare module 'systeminformation/lib/memory.js' {
	import type {Systeminformation} from 'systeminformation';

	export const mem: () => Promise<Systeminformation.MemData>;
}
