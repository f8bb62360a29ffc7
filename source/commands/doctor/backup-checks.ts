/** Whether the configured directory of backups can be looked into, and what its newest backup is. Nothing where none is configured. */

import {judgeBackups} from '../../core/backup-files.ts';
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

	const {newest, empty} = judgeBackups(looked.value.files, nowMs);
	const ageMs = newest === null ? Infinity : Math.max(0, nowMs - newest.atMs);
	const isWanting = empty !== null || ageMs > warnAfterMs;
	if (isWanting && looked.value.isPartial) {
		// A newer one may lie where nobody could look.
		return [finding('backups', 'unknown', 'backups-partial', {directory})];
	}

	if (empty !== null) {
		return [finding('backups', 'warn', 'backups-empty', {directory, name: empty.name, bytes: empty.bytes})];
	}

	if (newest === null) {
		return [finding('backups', 'warn', 'backups-none', {directory})];
	}

	return [finding('backups', isWanting ? 'warn' : 'ok', isWanting ? 'backups-old' : 'backups-right', {directory, name: newest.name, hours: Math.floor(ageMs / hourMs)})];
};
