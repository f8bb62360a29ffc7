/** Whether the configured directory of backups can be looked into, and what its newest file is. Nothing where none is configured. */

import type {FilesPort} from '../../core/ports.ts';
import type {Settings} from '../../core/settings.ts';
import {failed, finding, type DoctorFinding} from './findings.ts';

const hourMs = 3_600_000;

export const checkBackups = async (files: Partial<Pick<FilesPort, 'backups'>>, {backups}: Pick<Settings, 'backups'>, nowMs: number): Promise<readonly DoctorFinding[]> => {
	if (backups === null || files.backups === undefined) {
		return [];
	}

	const {directory, warnAfterMs} = backups;
	const looked = await files.backups(directory, '');
	if (!looked.ok) {
		return [failed('backups', looked.failure)];
	}

	const [newest] = looked.value;
	if (newest === undefined) {
		return [finding('backups', 'warn', 'backups-none', {directory})];
	}

	const ageMs = Math.max(0, nowMs - newest.atMs);
	return [finding('backups', ageMs > warnAfterMs ? 'warn' : 'ok', ageMs > warnAfterMs ? 'backups-old' : 'backups-right', {directory, name: newest.name, hours: Math.floor(ageMs / hourMs)})];
};
