/**
Who this host is. Read from files only: each identity call of systeminformation (osInfo, system, uuid, chassis, cpu) starts between one and
twelve programs on Linux, seen with strace on 5.33, and a sick host must not feel us.
*/

import {readFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import type {HostIdentity, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf, malformed} from './failure.ts';
import {parseBootAtMs, parseCores, parseSystemName} from './figures.ts';

export type IdentityPlaces = {
	readonly procDirectory: string;
	readonly sysDirectory: string;
	/** Where `etc`, `usr`, `run` and `.dockerenv` lie. */
	readonly rootDirectory: string;
};

/** Reads the identity. Only /proc/stat is indispensable; what is not told elsewhere is empty or null. */
export const readIdentity = async ({procDirectory, sysDirectory, rootDirectory}: IdentityPlaces): Promise<Outcome<HostIdentity>> => {
	let stat: string;
	try {
		stat = await readFile(join(procDirectory, 'stat'), 'utf8');
	} catch (error) {
		return failureOf(error);
	}

	const bootAtMs = parseBootAtMs(stat);
	if (bootAtMs === null) {
		return malformed(join(procDirectory, 'stat'));
	}

	const [release, vendorRelease, hostName, kernel, bootId, virtual] = await Promise.all([
		readIfThere(join(rootDirectory, 'etc/os-release')),
		readIfThere(join(rootDirectory, 'usr/lib/os-release')),
		readIfThere(join(procDirectory, 'sys/kernel/hostname')),
		readIfThere(join(procDirectory, 'sys/kernel/osrelease')),
		readIfThere(join(procDirectory, 'sys/kernel/random/boot_id')),
		findVirtual({procDirectory, sysDirectory, rootDirectory}),
	]);
	return {
		ok: true,
		value: {
			hostName: makeSafe(hostName.trim() || hostname()),
			system: makeSafe(parseSystemName(release) ?? parseSystemName(vendorRelease) ?? 'Linux'),
			kernel: makeSafe(kernel.trim()),
			cores: parseCores(stat),
			bootAtMs,
			bootId: makeSafe(bootId.trim()),
			virtual,
		},
	};
};

const readIfThere = async (path: string): Promise<string> => {
	try {
		return await readFile(path, 'utf8');
	} catch {
		// Each of these facts may be missing on a sound system (no DMI in a small virtual machine, no hostname in a pared-down /proc).
		return '';
	}
};

// What firmware calls itself, as systemd-detect-virt knows it.
const firmwares: readonly (readonly [RegExp, string])[] = [
	[/VMware/, 'VMware'],
	[/VirtualBox|innotek/, 'VirtualBox'],
	[/Microsoft Corporation Virtual Machine|Hyper-V/, 'Hyper-V'],
	[/Amazon EC2/, 'Amazon EC2'],
	[/Google/, 'Google Compute Engine'],
	[/DigitalOcean/, 'DigitalOcean'],
	[/Hetzner/, 'Hetzner'],
	[/OpenStack/, 'OpenStack'],
	[/Xen/, 'Xen'],
	[/Parallels/, 'Parallels'],
	[/QEMU|KVM|Bochs/, 'KVM'],
];

const findVirtual = async ({procDirectory, sysDirectory, rootDirectory}: IdentityPlaces): Promise<string | null> => {
	const dmi = join(sysDirectory, 'class/dmi/id');
	const [manager, dockerMark, vendor, product, hypervisor, cores] = await Promise.all([
		readIfThere(join(rootDirectory, 'run/systemd/container')),
		readFile(join(rootDirectory, '.dockerenv')).then(() => true, () => false),
		readIfThere(join(dmi, 'sys_vendor')),
		readIfThere(join(dmi, 'product_name')),
		readIfThere(join(sysDirectory, 'hypervisor/type')),
		readIfThere(join(procDirectory, 'cpuinfo')),
	]);
	if (manager.trim() !== '' || dockerMark) {
		return makeSafe(manager.trim() || 'docker');
	}

	const firmware = `${vendor.trim()} ${product.trim()}`;
	const known = firmwares.find(([pattern]) => pattern.test(firmware));
	if (known !== undefined) {
		return known[1];
	}

	if (hypervisor.trim() !== '') {
		return makeSafe(hypervisor.trim());
	}

	return /^flags\s*:.*\bhypervisor\b/m.test(cores) ? 'hypervisor' : null;
};
