/** Which faults stand, and what has cured one: a start, a new container, older code, a migration, room on the disk. */

import {usualCures, type Cure} from '../core/drill-faults.ts';
import type {Fault, FaultKind} from './faults.ts';
import {codeOf, commitIndex, imageOfContainer, revisionNeeded, thingsOf} from './things.ts';
import type {Faults, Inside} from './world-types.ts';

type Standing = {readonly fault: Fault; readonly at: number; readonly head: string};

/** The faults of a world; `inside` is asked for late, since each needs the other. */
export const createFaults = (inside: () => Inside): Faults => {
	const standing = new Map<FaultKind, Standing>();
	const get = <Kind extends FaultKind>(kind: Kind): Extract<Fault, {readonly kind: Kind}> | undefined => standing.get(kind)?.fault as Extract<Fault, {readonly kind: Kind}> | undefined;
	return {
		has(kind) {
			const one = standing.get(kind);
			return one !== undefined && !isCured(inside(), one);
		},
		get,
		set(fault) {
			standing.set(fault.kind, {fault, at: inside().timeline.now(), head: thingsOf(inside().world()).head});
		},
		delete(kind) {
			standing.delete(kind);
		},
		kinds: () => [...standing.keys()],
		since(kind) {
			const one = standing.get(kind);
			return one === undefined ? null : {at: one.at, head: one.head};
		},
	};
};

const curesOf = (fault: Fault): readonly Cure[] => {
	const told = 'until' in fault ? fault.until : undefined;
	const persists = fault.kind === 'api-hangs' && fault.persists === true;
	return told ?? (persists ? [] : usualCures[fault.kind] ?? []);
};

const isCured = (inside: Inside, one: Standing): boolean => curesOf(one.fault).some(cure => holds(inside, one, cure));

const roomShare = 0.96;

const holds = (inside: Inside, {fault, at, head}: Standing, cure: Cure): boolean => {
	const things = thingsOf(inside.world());
	const api = inside.containers.get('api');
	switch (cure) {
		case 'start-api':
		case 'start-db':
		case 'start-redis':
		case 'start-nginx': {
			return inside.startedByHandAt(cure.slice('start-'.length) as 'api' | 'db' | 'redis' | 'nginx') > at;
		}

		case 'recreate-api': {
			return api !== undefined && api.createdAt > at;
		}

		case 'old-code': {
			return api !== undefined && commitIndex(things, codeOf(things, imageOfContainer(things, api))) > commitIndex(things, head);
		}

		case 'old-checkout': {
			// A proxy reads its mounted file at its start and at no other time.
			const isRead = !fault.kind.startsWith('nginx') || (inside.containers.get('nginx')?.startedAt ?? 0) > (things.reflog[0]?.atMs ?? 0) - (inside.wallNow() - inside.timeline.now());
			return isRead && commitIndex(things, things.head) > commitIndex(things, head);
		}

		case 'new-image': {
			const image = api === undefined ? undefined : things.images.find(({id}) => id === imageOfContainer(things, api));
			return image !== undefined && image.atMs > inside.timeline.toWall(at);
		}

		case 'migrated': {
			return api !== undefined && things.schema >= revisionNeeded(things, codeOf(things, imageOfContainer(things, api)));
		}

		case 'space': {
			return inside.usedDiskBytes() < inside.disk.totalBytes * roomShare;
		}
	}
};
