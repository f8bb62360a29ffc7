/** About to break: no backup since long, or only one that a failed dump left. A warning, for the day on which somebody needs it. */

import type {BackupFile} from '../ports.ts';
import type {Scene} from './scene.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

const hourMs = 3_600_000;
/** Those that this console makes are made by hand: nobody is reminded every day of one. */
const ownWarnAfterMs = 7 * 24 * hourMs;
/** `pg_dump | gzip` leaves this little when pg_dump fails: the pipe ends well, and so does the job. */
const emptyBytes = 100;
/** It may still be written. */
const writingMs = 15 * 60_000;

/** The age of the newest backup where there is one to be expected: where the team says, or where this console made one before. */
export const oldBackups = (scene: Scene): readonly Finding[] => {
	const {settings, situation, nowMs} = scene;
	const places = situation.backups;
	const files = places.flatMap(place => place.files.map(file => ({...file, directory: place.directory}))).toSorted((a, b) => b.atMs - a.atMs);
	const unread = places.find(({isOwn, failure}) => !isOwn && failure !== null && failure.code !== 'busy');
	if (places.length === 0 || (settings.backups === null && files.length === 0)) {
		return [];
	}

	const newest = files.find(({bytes}) => bytes >= emptyBytes) ?? null;
	const empty = files.find(({bytes, atMs}) => bytes < emptyBytes && nowMs - atMs > writingMs && atMs > (newest?.atMs ?? 0));
	const ageMs = newest === null ? null : nowMs - newest.atMs;
	const isOld = ageMs === null || ageMs > (settings.backups?.warnAfterMs ?? ownWarnAfterMs);
	if (!isOld && empty === undefined) {
		return [];
	}

	const seen = (code: 'backup-newest' | 'backup-empty', file: BackupFile & {readonly directory: string}): Evidence => evidence(code, {directory: file.directory, name: file.name, bytes: file.bytes}, file.atMs);
	const kind = empty !== undefined ? 'empty' : (ageMs === null ? 'none' : 'old');
	return [found('backup-old', {
		service: scene.byRole('database')[0]?.name ?? null, weight: 'warning',
		// A directory that cannot be read proves nothing about what lies in it.
		confidence: unread === undefined ? 'certain' : 'possible',
		params: {kind, ageMs: Math.floor((ageMs ?? 0) / hourMs) * hourMs},
		evidence: [
			...(empty === undefined ? [] : [seen('backup-empty', empty)]), ...(newest === null ? [] : [seen('backup-newest', newest)]),
			...(unread === undefined ? [] : [evidence('backup-unread', {directory: unread.directory, reason: unread.failure!.code}, unread.atMs)]),
			...(files.length === 0 && unread === undefined ? [evidence('backup-none', {directory: places.find(({isOwn}) => !isOwn)?.directory ?? places[0]!.directory}, places[0]!.atMs)] : []),
		],
		actions: ['backup-db'], confirm: ['backup-job'],
	})];
};
