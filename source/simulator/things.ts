/**
What lies on the pretend server besides its containers: images, old logs, stopped containers of others, backups, the checkout. Each world has its own;
commands change it with the effects of the real ones.
*/

import {hexDigits} from './random.ts';
import {type ServiceName, configFile, planOf, plans, project} from './stack.ts';
import type {SimulatedContainer, World} from './world-types.ts';

export type Commit = {readonly hash: string; readonly subject: string; readonly author: string; readonly ageMs: number; readonly files: readonly string[]; /** How it came onto the checkout. */ readonly how?: string};

export type StoredImage = {readonly id: string; repository: string; tag: string; readonly bytes: number; readonly atMs: number};

export type Things = {
	readonly beganAtMs: number;
	images: StoredImage[];
	/** Image of each container, by container id, where it is not the one that the stack began with. */
	readonly ranBy: Map<string, string>;
	/** The definition that a container was made from, by its id, where it is not the first one. */
	readonly madeBy: Map<string, string>;
	/** What the compose file and `.env` say now, where they were edited. */
	readonly definitions: Map<ServiceName, string>;
	edits: {readonly path: string; readonly atMs: number; readonly kind: 'environment' | 'compose' | 'code'}[];
	/** Of which commit an image is; others are of the first. */
	readonly builtFrom: Map<string, string>;
	strangers: {readonly id: string; readonly name: string; readonly image: string; readonly atMs: number}[];
	cacheBytes: number;
	logs: {readonly path: string; readonly bytes: number; readonly atMs: number}[];
	backups: {path: string; readonly bytes: number; readonly atMs: number}[];
	/** Newest first. */
	commits: readonly Commit[];
	/** How commits came onto this checkout, newest first. */
	reflog: readonly {readonly hash: string; readonly subject: string; readonly how: string; readonly atMs: number}[];
	head: string;
	branch: string | null;
	/** Number of the last migration that the database has. */
	schema: number;
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

const danglingOf = (world: World, size: number): string => `sha256:${hexDigits(64, world.seed, 'stored', '<none>', '<none>', size * mebibyte)}`;

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
		madeBy: new Map(),
		definitions: new Map(),
		edits: [],
		builtFrom: new Map([[danglingOf(world, 309), commits[2]!.hash], [danglingOf(world, 305), commits[3]!.hash]]),
		reflog: [{hash: commits[0]!.hash, subject: commits[0]!.subject, how: 'pull', atMs: now - commits[0]!.ageMs}],
		backups: [{path: `/opt/mestres-do-cafe/backups/${project}-20260117T030000Z.sql.gz`, bytes: 41 * mebibyte, atMs: now - 24 * hourMs}],
		commits,
		head: commits[0]!.hash,
		branch: 'main',
		schema: 3,
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

/** The image that a container was made from. */
export const imageOfContainer = (things: Things, container: SimulatedContainer): string => things.ranBy.get(container.id) ?? container.plan.imageId;

/** The definition that a container was made from, and what the files say now. */
export const definitionOfContainer = (things: Things, container: SimulatedContainer): string => things.madeBy.get(container.id) ?? container.plan.configHash;
export const definitionNow = (things: Things, service: ServiceName): string => things.definitions.get(service) ?? planOf(service).configHash;

/** Notes what a new container is made from: the image that has the service's name now, the definition as it is now. */
export const made = (things: Things, container: SimulatedContainer): void => {
	things.ranBy.set(container.id, imageOf(things, container.service));
	things.madeBy.set(container.id, definitionNow(things, container.service));
};

/** The commit that an image was built from. */
export const codeOf = (things: Things, imageId: string): string => things.builtFrom.get(imageId) ?? firstCommit;

/** 0 is the newest; an unknown commit counts as the newest. */
export const commitIndex = (things: Things, hash: string): number => Math.max(0, things.commits.findIndex(other => other.hash === hash));

const firstCommit = commits[0]!.hash;
const revisionIn = (file: string): number => Number(/\/migrations\/versions\/(\d+)_/.exec(file)?.[1] ?? 0);

/** The migration that code of a commit was written for. */
export const revisionNeeded = (things: Things, hash: string): number =>
	Math.max(0, ...things.commits.slice(commitIndex(things, hash)).flatMap(({files}) => files.map(file => revisionIn(file))));

const migrationFile = (things: Things, revision: number): string =>
	things.commits.flatMap(({files}) => files).find(file => revisionIn(file) === revision)?.split('/').at(-1)?.replace(/\.py$/, '') ?? String(revision).padStart(4, '0');

/** The name of the revision that the database is at. */
export const newestRevision = (things: Things): string => migrationFile(things, things.schema);

/** The migrations that the checked-out code has and the database has not, as Alembic names them. */
export const pendingRevisions = (things: Things): readonly {readonly from: string; readonly to: string; readonly number: number}[] => {
	const wanted = revisionNeeded(things, things.head);
	return Array.from({length: Math.max(0, wanted - things.schema)}, (_, index) => {
		const number = things.schema + index + 1;
		return {from: migrationFile(things, number - 1), to: migrationFile(things, number), number};
	});
};

/** The image built from what is checked out; the same commit built again with the same layers is the same image. */
export const buildImage = (world: World, isCached: boolean): string => {
	const things = thingsOf(world);
	const id = `sha256:${hexDigits(64, world.seed, 'built', things.head, isCached ? 0 : things.images.length)}`;
	if (!things.images.some(image => image.id === id)) {
		things.images.unshift({id, repository: '<none>', tag: '<none>', bytes: 312 * mebibyte, atMs: world.timeline.toWall(world.timeline.now())});
	}

	things.builtFrom.set(id, things.head);
	nameImage(things, id, planOf('api').image);
	return id;
};

/** Another commit is checked out. */
export const checkOut = (world: World, hash: string, branch: string | null, how: string): void => {
	const things = thingsOf(world);
	const atMs = world.timeline.toWall(world.timeline.now());
	const next = things.commits.find(other => other.hash === hash)!;
	Object.assign(things, {head: hash, branch, reflog: [{hash: next.hash, subject: next.subject, how, atMs}, ...things.reflog]});
};

/** A deploy: a new commit on the checkout, its image, the api made anew from it. */
export const deploy = (world: World, {subject, author, files, migration}: {readonly subject: string; readonly author: string; readonly files: readonly string[]; readonly migration: 'none' | 'applied' | 'pending'}): void => {
	const things = thingsOf(world);
	const atMs = world.timeline.toWall(world.timeline.now());
	const revision = revisionNeeded(things, things.head) + 1;
	const migrations = migration === 'none' ? [] : [`apps/api/migrations/versions/${String(revision).padStart(4, '0')}_${subject.replace(/^\w+: /, '').replaceAll(/[^a-z\d]+/gi, '_').toLowerCase().slice(0, 20).replace(/_$/, '')}.py`];
	const next: Commit = {...commit(subject, author, things.beganAtMs - atMs, [...files, ...migrations])};
	things.commits = [next, ...things.commits];
	checkOut(world, next.hash, 'main', 'pull');
	if (migration === 'applied') {
		things.schema = revision;
	}

	buildImage(world, true);
	world.deployed();
};

/** `.env` or a compose file was edited; containers keep what they were made with until somebody makes them anew. */
export const edit = (world: World, path: string): void => {
	const things = thingsOf(world);
	const atMs = world.timeline.toWall(world.timeline.now());
	const kind = path.endsWith('.env') ? 'environment' : (configFile.endsWith(path) ? 'compose' : 'code');
	things.edits = [{path, atMs, kind}, ...things.edits];
	if (kind !== 'code') {
		things.definitions.set('api', hexDigits(64, 'configuration', 'api', things.edits.length));
	}
};
