/**
Which mounts are disks worth showing, from the text of /proc/self/mountinfo. Pure. Hidden here: the file's layout and escapes
(proc(5)), and the rules that keep pseudo file systems, snaps, container layers and bind mounts out.
Invariant: no two chosen mounts share a device number, and what may hang is marked `remote` so that nobody asks it in this process.
*/

export type Mount = {
	readonly mount: string;
	readonly device: string;
	readonly type: string;
	readonly readOnly: boolean;
	/** A file system that another machine or a user-space program answers for: it may hang for ever. */
	readonly remote: boolean;
};

type MountLine = Mount & {readonly number: string; readonly whole: boolean};

const localTypes: ReadonlySet<string> = new Set([
	'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', 'bcachefs', 'jfs', 'nilfs2', 'reiserfs',
	'vfat', 'msdos', 'exfat', 'ntfs', 'ntfs3', 'hfsplus', 'udf',
]);

const remoteTypes: ReadonlySet<string> = new Set([
	'nfs', 'nfs4', 'cifs', 'smb3', 'smbfs', '9p', 'virtiofs', 'ceph', 'afs', 'lustre', 'beegfs', 'glusterfs', 'gpfs', 'ocfs2', 'gfs2', 'fuseblk',
]);

// User-space file systems that hold no disk: desktop portals, container helpers.
const uselessFuse = /^fuse\.(?:lxcfs|portal|gvfsd-fuse|snapfuse|squashfuse|fuse-overlayfs|.*\.AppImage|rootlesskit.*)$/;

// Layers and volumes of container engines, and the files that an engine mounts into a container we may be running in.
const foreignMount = /\/(?:overlay2|aufs|devicemapper|zfs\/graph|btrfs\/subvolumes|containers\/storage|kubelet\/pods|io\.containerd[^/]*)\/|\/docker\/(?:containers|plugins|volumes)\/|^\/(?:snap|var\/snap|var\/lib\/snapd|run\/user|dev|proc|sys)\/|^\/etc\/(?:hosts|hostname|resolv\.conf)$/;

/** The real file systems of a mountinfo text, root first, then by mount point; one per device, under its shortest mount point. */
export const chooseMounts = (mountinfo: string): readonly Mount[] => {
	const byPoint = new Map<string, MountLine>();
	for (const line of mountinfo.split('\n')) {
		const mount = parseLine(line);
		if (mount !== null) {
			// A later mount on the same point hides the earlier one.
			byPoint.set(mount.mount, mount);
		}
	}

	const byDevice = new Map<string, MountLine>();
	for (const mount of byPoint.values()) {
		const known = byDevice.get(mount.number);
		if (isDisk(mount) && (known === undefined || isBetter(mount, known))) {
			byDevice.set(mount.number, mount);
		}
	}

	return [...byDevice.values()]
		.map(({mount, device, type, readOnly, remote}) => ({mount, device, type, readOnly, remote}))
		.toSorted((a, b) => Number(b.mount === '/') - Number(a.mount === '/') || (a.mount < b.mount ? -1 : 1));
};

const isDisk = ({mount, type, remote}: MountLine): boolean =>
	!foreignMount.test(mount) && (localTypes.has(type) || remote || (type === 'overlay' && mount === '/'));

// The whole file system is a better name for a disk than a directory of it that is bound elsewhere.
const isBetter = (one: MountLine, other: MountLine): boolean =>
	one.whole === other.whole ? one.mount.length < other.mount.length : one.whole;

// 36 35 98:0 /root /mount rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
const parseLine = (line: string): MountLine | null => {
	const [before, after] = line.split(' - ', 2);
	const [, , number, root, mount, options] = before!.split(' ');
	const [type, device, superOptions = ''] = after?.split(' ') ?? [];
	if (number === undefined || root === undefined || mount === undefined || options === undefined || type === undefined || device === undefined) {
		return null;
	}

	return {
		mount: unescapeOctal(mount),
		device: unescapeOctal(device),
		type,
		readOnly: isReadOnly(options) || isReadOnly(superOptions),
		remote: remoteTypes.has(type) || (type.startsWith('fuse.') && !uselessFuse.test(type)),
		number,
		// A subvolume (btrfs) or dataset is not `/`, but it is what was mounted, not bound.
		whole: root === '/' || type === 'btrfs',
	};
};

const isReadOnly = (options: string): boolean => options.split(',').includes('ro');

// Space, tab, line feed and backslash stand as \040 and so on; other bytes stand as they are.
const unescapeOctal = (text: string): string =>
	text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
