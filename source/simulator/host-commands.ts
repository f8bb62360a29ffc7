/** What a runbook asks the host itself: memory, disks, the kernel's last words. */

import type {Shell} from './interpreter.ts';
import {memoryBytes} from './measures.ts';

const gibibyte = 1024 ** 3;
const human = (bytes: number): string => bytes >= gibibyte ? `${(bytes / gibibyte).toFixed(1)}G` : `${Math.round(bytes / 1024 ** 2)}M`;

/** Null for what the drill does not have. */
export const runHostCommand = (shell: Shell, name: string): number | null => {
	const {world} = shell;
	switch (name) {
		case 'df': {
			const used = world.usedDiskBytes();
			const total = world.disk.totalBytes;
			shell.out(`Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1       ${human(total).padStart(4)}  ${human(used).padStart(4)}  ${human(Math.max(0, total - used)).padStart(4)} ${String(Math.ceil(used / total * 100)).padStart(3)}% /\n`);
			return 0;
		}

		case 'free': {
			const total = 7.76 * gibibyte;
			const used = (1.62 * gibibyte) + world.containers().reduce((sum, container) => sum + memoryBytes(world, container), 0);
			shell.out(`               total        used        free      shared  buff/cache   available\nMem:            ${human(total)}        ${human(used)}        ${human(total * 0.3)}        12M        ${human(total * 0.4)}        ${human(total - used)}\nSwap:           2.0G         31M        2.0G\n`);
			return 0;
		}

		case 'dmesg': {
			shell.out(['[    0.000000] Linux version 6.1.0-28-amd64', ...world.kernelKills.slice(-8).map(({pid, name: process}) => `[1987654.321098] Memory cgroup out of memory: Killed process ${pid} (${process}) total-vm:412004kB, anon-rss:258112kB`)].map(line => `${line}\n`).join(''));
			return 0;
		}

		default: {
			return null;
		}
	}
};
