/**
What lies on the pretend server besides its containers: images, old logs, stopped containers of others, backups, the checkout. Each world has its own;
commands change it with the effects of the real ones.
*/

import {hexDigits} from './random.ts';
import {planOf, plans, project} from './stack.ts';
import type {World} from './world.ts';

export type Commit = {readonly hash: string; readonly subject: string; readonly author: string; readonly ageMs: number; readonly files: readonly string[]};

export type StoredImage = {readonly id: string; repository: string; tag: string; readonly bytes: number; readonly atMs: number};

export type Things = {
	readonly beganAtMs: number;
	images: StoredImage[];
	/** Image of each container, by container id, where it is not the one that the stack began with. */
	readonly ranBy: Map<string, string>;
	strangers: {readonly id: string; readonly name: string; readonly image: string; readonly atMs: number}[];
	cacheBytes: number;
	logs: {readonly path: string; readonly bytes: number; readonly atMs: number}[];
	backups: {path: string; readonly bytes: number; readonly atMs: number}[];
	readonly commits: readonly Commit[];
	head: string;
	branch: string | null;
	migrated: boolean;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mebibyte = 1024 ** 2;

const commit = (subject: string, author: string, ageMs: number, files: readonly string[]): Commit => ({hash: hexDigits(40, 'commit', subject), subject, author, ageMs, files});

const commits: readonly Commit[] = [
	commit('fix: cart total with coupons (v1.4.1)', 'João Silva', 20 * hourMs, ['apps/api/mestres/cart.py', 'apps/api/tests/test_cart.py']),
	commit('feat: loyalty points (v1.4.0)', 'João Silva', 3 * dayMs, ['apps/api/mestres/loyalty.py', 'apps/api/migrations/versions/0003_loyalty.py', 'apps/api/mestres/models.py']),
	commit('feat: product search (v1.3.0)', 'Maria Santos', 9 * dayMs, ['apps/api/mestres/search.py', 'apps/api/mestres/catalog.py']),
	commit('chore: update dependencies', 'Maria Santos', 16 * dayMs, ['apps/api/requirements.txt']),
	commit('feat: order history (v1.2.0)', 'João Silva', 24 * dayMs, ['apps/api/mestres/orders.py', 'apps/api/migrations/versions/0002_orders.py']),
];

const begin = (world: World): Things => {
	const now = world.timeline.toWall(world.timeline.now());
	const image = (name: string, tag: string, bytes: number, ageMs: number, id = `sha256:${hexDigits(64, world.seed, 'stored', name, tag, bytes)}`): StoredImage =>
		({id, repository: name, tag, bytes: Math.round(bytes), atMs: now - ageMs});
	return {
		beganAtMs: now,
		images: [
			...plans.map(({image: name, imageId}) => image(name.split(':')[0]!, name.split(':')[1] ?? 'latest', (name.startsWith(project) ? 312 : 86) * mebibyte, 3 * dayMs, imageId)),
			image('<none>', '<none>', 309 * mebibyte, 9 * dayMs),
			image('<none>', '<none>', 305 * mebibyte, 16 * dayMs),
			image('python', '3.11-slim', 128 * mebibyte, 30 * dayMs),
		],
		ranBy: new Map(),
		strangers: [
			{id: hexDigits(64, world.seed, 'stranger', 1), name: 'report-job', image: 'python:3.11-slim', atMs: now - 21 * dayMs},
			{id: hexDigits(64, world.seed, 'stranger', 2), name: 'pg-client', image: 'postgres:15-alpine', atMs: now - 12 * dayMs},
		],
		cacheBytes: 1740 * mebibyte,
		logs: [
			['nginx/access.log', 420, 9], ['nginx/error.log', 38, 11], ['syslog.log', 96, 15], ['mestres/worker.log', 1210, 22], ['apt/history.log', 1, 40],
		].map(([path, size, days]) => ({path: `/var/log/${path}`, bytes: Math.round(Number(size) * mebibyte), atMs: now - (Number(days) * dayMs)})),
		backups: [{path: `/opt/mestres-do-cafe/backups/${project}-20260117T030000Z.sql.gz`, bytes: 41 * mebibyte, atMs: now - 24 * hourMs}],
		commits,
		head: commits[0]!.hash,
		branch: 'main',
		migrated: false,
	};
};

const known = new WeakMap<World, Things>();

/** The things of a world, made when they are first asked for. */
export const thingsOf = (world: World): Things => {
	const things = known.get(world) ?? begin(world);
	known.set(world, things);
	return things;
};

/** The image that the service's name points to now. */
export const imageOf = (things: Things, service: Parameters<typeof planOf>[0]): string => {
	const [repository, tag = 'latest'] = planOf(service).image.split(':');
	return things.images.find(image => image.repository === repository && image.tag === tag)?.id ?? planOf(service).imageId;
};

/** Gives a name to an image; the one that had it stays without. */
export const nameImage = (things: Things, id: string, name: string): boolean => {
	const [repository = '', tag = 'latest'] = name.split(':');
	const image = things.images.find(other => other.id === id);
	if (image === undefined) {
		return false;
	}

	for (const other of things.images) {
		if (other !== image && other.repository === repository && other.tag === tag) {
			Object.assign(other, {repository: '<none>', tag: '<none>'});
		}
	}

	Object.assign(image, {repository, tag});
	return true;
};
