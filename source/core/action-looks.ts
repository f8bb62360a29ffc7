/**
What a card looks up before `y`: bounded reads whose answers say what would go, what is there and what is allowed. Here are the reads of each kind of
action and how their answers are read; a look that failed is an answer too.
*/

import type {Action} from './actions.ts';
import type {Situation} from './situation.ts';

/** One read: the words of a command, never a shell's text; it is killed at its deadline. */
export type Look = {readonly name: string; readonly command: readonly string[]; readonly deadlineMs: number};

/** What one look gave: its text, or why it gave none. */
export type LookAnswer = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly detail: string};

/** What was looked up for a card, by the look's name. `key` tells for which values. */
export type Preview = {readonly state: 'unknown'} | {readonly state: 'asked'; readonly key: string} | {readonly state: 'known'; readonly key: string; readonly answers: Readonly<Record<string, LookAnswer>>};

export const noPreview: Preview = {state: 'unknown'};

type Values = Readonly<Record<string, string>>;

const quick = 5000;

const containerOf = (situation: Situation, service: string | null) =>
	(situation.containers.value ?? []).find(container => container.service === service && !container.oneOff && container.state === 'running');

const backups = (values: Values, project: string): readonly Look[] => values['BACKUP_DIRECTORY'] === undefined ? [] : [
	{name: 'backups', command: ['find', values['BACKUP_DIRECTORY'], '-maxdepth', '1', '-name', `${project}-*.sql.gz`, '-printf', String.raw`%T@\t%s\t%f\n`], deadlineMs: quick},
];

/** Which stopped containers, images and build cache there are, tab-separated. */
const imagesLook: Look = {name: 'images', command: ['docker', 'image', 'ls', '--no-trunc', '--format', String.raw`{{.ID}}\t{{.Repository}}\t{{.Tag}}\t{{.Size}}\t{{.CreatedAt}}`], deadlineMs: 15_000};

/** The looks of an action's card; empty when it needs none, or while an answer is missing. */
export const looksOf = (action: Action, values: Values, situation: Situation): readonly Look[] => {
	const project = situation.project.facts?.name ?? '';
	switch (action.kind) {
		case 'delete-logs': {
			const {DIRECTORY: directory, NAME: name, DAYS: days} = values;
			return directory === undefined || name === undefined || days === undefined ? [] : [
				{name: 'files', command: ['find', directory, '-xdev', '-type', 'f', '-name', name, '-mtime', `+${days}`, '-printf', String.raw`%T@\t%s\t%p\n`], deadlineMs: 15_000},
				{name: 'locked', command: ['find', directory, '-xdev', '-type', 'd', '!', '-writable', '-print', '-quit'], deadlineMs: 15_000},
				{name: 'sudo', command: ['sudo', '-n', 'true'], deadlineMs: quick},
			];
		}

		case 'prune': {
			return [
				{name: 'containers', command: ['docker', 'ps', '--all', '--no-trunc', '--format', String.raw`{{.ID}}\t{{.Image}}\t{{.Names}}\t{{.State}}\t{{.CreatedAt}}\t{{.Label "com.docker.compose.project"}}`], deadlineMs: 15_000},
				imagesLook,
				// The engine adds up everything it has: heavy, so it is bounded, and only for the build cache.
				{name: 'usage', command: ['docker', 'system', 'df', '--format', String.raw`{{.Type}}\t{{.Reclaimable}}`], deadlineMs: 20_000},
			];
		}

		case 'rollback-image': {
			return [imagesLook, ...backups(values, project)];
		}

		case 'backup': {
			const database = containerOf(situation, action.service);
			return [
				...backups(values, project),
				...(database === undefined ? [] : [{name: 'size', command: ['docker', 'exec', database.id, 'sh', '-c', databaseSize], deadlineMs: quick}]),
			];
		}

		case 'migrate':
		case 'rollback-commit': {
			return backups(values, project);
		}

		case 'restart': {
			const redis = action.id === 'restart-redis' ? containerOf(situation, 'redis') : undefined;
			return redis === undefined ? [] : [{name: 'unsaved', command: ['docker', 'exec', redis.id, 'sh', '-c', 'redis-cli INFO persistence; redis-cli CONFIG GET save; redis-cli DBSIZE'], deadlineMs: quick}];
		}

		case 'scale': {
			const own = (situation.containers.value ?? []).find(container => container.service === action.service && !container.oneOff);
			return own === undefined ? [] : [
				{name: 'published', command: ['docker', 'inspect', '--format', '{{json .HostConfig.PortBindings}}', own.id], deadlineMs: quick},
				// 0A: somebody listens. Of an address, what stands behind the colon is the port.
				{name: 'listened', command: ['sh', '-c', 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk \'$4 == "0A" {sub(/.*:/, "", $2); print $2}\''], deadlineMs: quick},
			];
		}

		default: {
			return [];
		}
	}
};

/** Inside the database's container, as the user that its own environment names. */
const databaseSize = 'psql -X -At -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" -c "SELECT pg_database_size(current_database())"';

/** Tells the looks of one set of values from those of another. */
export const keyOf = (looks: readonly Look[]): string => looks.map(({command}) => command.join('\u0000')).join('\u0001');

// ─── answers ─────────────────────────────────────────────────────────────────

/** A thing that would go, or that is there. */
export type Item = {readonly kind: 'file' | 'container' | 'image' | 'cache' | 'backup'; readonly id: string; readonly name: string; readonly bytes: number | null; readonly atMs: number | null};

const rows = (answer: LookAnswer | undefined): readonly (readonly string[])[] =>
	answer?.ok === true ? answer.text.split('\n').filter(line => line !== '').map(line => line.split('\t')) : [];

const seconds = (value: string | undefined): number | null => value === undefined || !Number.isFinite(Number.parseFloat(value)) ? null : Math.round(Number.parseFloat(value) * 1000);

/** `12.3MB` as Docker writes it; null for what is no size. */
export const bytesIn = (size: string): number | null => {
	const match = /^\s*([\d.]+)\s*([kKMGT]?)(i?)B/.exec(size);
	const power = match === null ? 0 : {'': 0, k: 1, K: 1, M: 2, G: 3, T: 4}[match[2]!] ?? 0;
	return match === null ? null : Math.round(Number(match[1]) * (match[3] === 'i' ? 1024 : 1000) ** power);
};

/** `2026-01-18 03:04:05 +0000 UTC`; null for what is no instant. */
export const instantIn = (text: string): number | null => {
	const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)/.exec(text);
	const atMs = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${match[3]}:${match[4]}`);
	return Number.isNaN(atMs) ? null : atMs;
};

/** Files with size and age (`time, size, path` of find), newest first. */
export const filesIn = (answer: LookAnswer | undefined, kind: 'file' | 'backup' = 'file'): readonly Item[] => rows(answer)
	.map(([time, size, ...name]): Item => ({kind, id: name.join('\t'), name: name.join('\t'), bytes: Number(size) || 0, atMs: seconds(time)}))
	.toSorted((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));

export type ImageRow = {readonly id: string; readonly repository: string; readonly tag: string; readonly bytes: number | null; readonly atMs: number | null};

export const imagesIn = (answer: LookAnswer | undefined): readonly ImageRow[] => rows(answer)
	.map(([id = '', repository = '', tag = '', size = '', created = '']) => ({id, repository, tag, bytes: bytesIn(size), atMs: instantIn(created)}));

export type ContainerRow = {readonly id: string; readonly image: string; readonly name: string; readonly state: string; readonly atMs: number | null; readonly project: string};

export const containersIn = (answer: LookAnswer | undefined): readonly ContainerRow[] => rows(answer)
	.map(([id = '', image = '', name = '', state = '', created = '', project = '']) => ({id, image, name, state, atMs: instantIn(created), project}));

/** Bytes of build cache that nothing uses; null when it is not told. */
export const cacheIn = (answer: LookAnswer | undefined): number | null => {
	const row = rows(answer).find(([type]) => /build cache/i.test(type ?? ''));
	return row === undefined ? null : bytesIn(row[1] ?? '');
};

/** What Redis would lose when it is restarted. */
export type Unsaved = {readonly state: 'kept'} | {readonly state: 'lost'; readonly keys: number} | {readonly state: 'unknown'};

export const unsavedIn = (answer: LookAnswer | undefined): Unsaved => {
	if (answer?.ok !== true || !answer.text.includes('aof_enabled:')) {
		return {state: 'unknown'};
	}

	// With save points it saves once more when it is asked to stop.
	const saves = /^save\r?\n([^\r\n]*)/m.exec(answer.text)?.[1]?.trim() ?? '';
	const keys = Number(/^(?:\(integer\) )?(\d+)\s*$/m.exec(answer.text.slice(answer.text.lastIndexOf('save')))?.[1] ?? Number.NaN);
	return /aof_enabled:1/.test(answer.text) || saves !== '' ? {state: 'kept'} : {state: 'lost', keys: Number.isNaN(keys) ? 0 : keys};
};
