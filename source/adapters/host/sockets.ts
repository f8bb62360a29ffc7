/** The kernel's table of sockets, as proc_pid_net(5) has it: who listens, at which address, and how many wait to be let in. */

export type Socket = {readonly port: number; readonly address: string; readonly inode: string; /** Connections that nobody has taken yet. */ readonly queued: number};

/** The listening sockets of a /proc/net/tcp or tcp6. */
export const parseSockets = (table: string): readonly Socket[] => table.split('\n').slice(1).flatMap((line): readonly Socket[] => {
	const fields = line.trim().split(/\s+/);
	const [host = '', port = ''] = (fields[1] ?? '').split(':');
	// 0A is LISTEN; of one that listens the second half of field 4 is its queue; field 9 is the inode.
	return fields[3] === '0A' && fields[9] !== undefined ? [{port: Number.parseInt(port, 16), address: parseAddress(host), inode: fields[9], queued: Number.parseInt(fields[4]?.split(':')[1] ?? '', 16) || 0}] : [];
});

/** Words of 32 bits, each in the host's byte order, which is little endian wherever Docker runs in earnest. */
const parseAddress = (hex: string): string => {
	const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => [...word.matchAll(/../g)].map(([byte]) => Number.parseInt(byte, 16)).reverse());
	if (bytes.length === 4) {
		return bytes.join('.');
	}

	if (bytes.slice(0, 10).every(byte => byte === 0) && bytes[10] === 0xFF && bytes[11] === 0xFF) {
		return bytes.slice(12).join('.');
	}

	const groups = Array.from({length: 8}, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[(index * 2) + 1] ?? 0));
	return groups.every(group => group === 0) ? '::' : (groups.slice(0, 7).every(group => group === 0) && groups[7] === 1 ? '::1' : groups.map(group => group.toString(16)).join(':'));
};
