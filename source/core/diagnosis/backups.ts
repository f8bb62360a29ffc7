/** About to break: no backup since long, or only one that a failed dump left. A warning, for the day on which somebody needs it. */

import {isBackup, judgeBackups} from '../backup-files.ts';
import type {BackupFile} from '../ports.ts';
import type {Scene} from './scene.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

const hourMs = 3_600_000;
/** Those that this console makes are made by hand: nobody is reminded every day of one. */
const ownWarnAfterMs = 7 * 24 * hourMs;

/** The age of the newest backup where there is one to be expected: where the team says, or where this console made one before. */
export const oldBackups = (scene: Scene): readonly Finding[] => {
	const {settings, situation, nowMs} = scene;
	const places = situation.backups;
	const files = places.flatMap(place => place.files.map(file => ({...file, directory: place.directory})));
	const unread = places.find(({isOwn, failure}) => !isOwn && failure !== null);
	const partial = places.find(({isPartial}) => isPartial);
	if (places.length === 0 || (settings.backups === null && !files.some(file => isBackup(file)))) {
		return [];
	}

	const {newest, empty} = judgeBackups(files, nowMs);
	const ageMs = newest === null ? null : nowMs - newest.atMs;
	const isOld = ageMs === null || ageMs > (settings.backups?.warnAfterMs ?? ownWarnAfterMs);
	if (!isOld && empty === null) {
		return [];
	}

	const seen = (code: 'backup-newest' | 'backup-empty', file: BackupFile & {readonly directory: string}): Evidence => evidence(code, {directory: file.directory, name: file.name, bytes: file.bytes}, file.atMs);
	const unseen = unread === undefined ? partial : unread;
	const kind = empty !== null ? 'empty' : (ageMs === null ? 'none' : 'old');
	return [found('backup-old', {
		service: scene.byRole('database')[0]?.name ?? null, weight: 'warning',
		// A directory that cannot be read, or not whole, proves nothing about what lies in it.
		confidence: unseen === undefined ? 'certain' : 'possible',
		params: {kind, ageMs: Math.floor((ageMs ?? 0) / hourMs) * hourMs},
		evidence: [
			...(empty === null ? [] : [seen('backup-empty', empty)]), ...(newest === null ? [] : [seen('backup-newest', newest)]),
			...(unseen === undefined ? [] : [evidence('backup-unread', {directory: unseen.directory, reason: unseen.failure?.code ?? 'partial'}, unseen.atMs)]),
			...(newest === null && empty === null && unseen === undefined ? [evidence('backup-none', {directory: places.find(({isOwn}) => !isOwn)?.directory ?? places[0]!.directory}, places[0]!.atMs)] : []),
		],
		actions: ['backup-db'], confirm: ['backup-job'],
	})];
};
