/**
What each kind of action does, as steps: the commands, in the order in which they hurt least (build before anything stops, keep before anything goes).
Pure; the words of compose are given, and what a plan needs to know of the server was looked up before (action-looks.ts). A value is never pasted
into a step: it is a variable.
*/

import type {Action, ActionWorld} from './actions.ts';
import {blank, trouble, type Plan, type Trouble} from './action-troubles.ts';
import {cacheIn, containersIn, filesIn, imagesIn, keyOf, looksOf, unsavedIn, type Item, type LookAnswer} from './action-looks.ts';
import {imageRole} from './diagnosis/scene.ts';
import type {ContainerFacts} from './ports.ts';
import {commitPlan, imagePlan, wayBackPlan} from './rollback-plans.ts';
import {scalePlan} from './scale-plan.ts';
import type {Situation} from './situation.ts';

export type PlanWorld = ActionWorld & {readonly words: readonly string[]};

/** The plan of a shipped action; a card has its own text. */
export const planOf = (action: Action, world: PlanWorld): Plan => {
	const compose = world.words.join(' ');
	const {service} = action;
	switch (action.kind) {
		case 'start': {
			return {...blank, steps: [`${compose} up -d ${service}`], recreates: true};
		}

		case 'restart': {
			return {...blank, steps: [`${compose} restart ${service}`], ...(action.id === 'restart-redis' ? unsavedTroubles(action, world) : {})};
		}

		case 'rebuild': {
			return {...blank, steps: [`${compose} build --no-cache ${service}`, `${compose} up -d ${service}`], recreates: true, troubles: spaceTroubles(world)};
		}

		case 'scale': {
			return scalePlan(action, world, compose, answersOf(action, world, {}));
		}

		case 'migrate': {
			const first = backupFirst(world, compose);
			return {...blank, ...first, steps: [...first.steps, `${compose} run --rm --no-deps -T ${service} flask db upgrade`]};
		}

		case 'backup': {
			return backupPlan(action, world, compose);
		}

		case 'delete-logs': {
			return deletePlan(action, world);
		}

		case 'prune': {
			return prunePlan(action, world);
		}

		case 'rollback-commit': {
			return commitPlan(world, compose, backupFirst(world, compose), spaceTroubles(world));
		}

		case 'rollback-image': {
			return imagePlan(action, world, compose);
		}

		case 'rollback-back': {
			return wayBackPlan(world, compose);
		}

		case 'card': {
			return {...blank, needsCompose: false, recreates: /\bcompose\b.*\bup\s/.test(action.original) && action.risk !== 'read'};
		}
	}
};

/** The answers of a card's looks, for the values that it has now; null while they are not there. */
export const answersOf = (action: Action, world: ActionWorld, values: Readonly<Record<string, string>>): Readonly<Record<string, LookAnswer>> | null => {
	const {preview} = world;
	return preview?.state === 'known' && preview.key === keyOf(looksOf(action, values, world.situation)) ? preview.answers : null;
};

const valuesIn = (action: Action, world: ActionWorld): Readonly<Record<string, string>> =>
	Object.fromEntries(action.questions.flatMap(({name, initial}) => {
		const value = world.values?.[name] ?? initial;
		return value === null ? [] : [[name, value]];
	}));

const failedLook = (answer: LookAnswer | undefined, what: string): readonly Trouble[] =>
	answer?.ok === false ? [trouble('look-failed', true, {what, detail: answer.detail})] : [];

// ─── disk space, Redis ───────────────────────────────────────────────────────

const gibibyte = 1024 ** 3;

/** A build on a full disk fails half way and leaves less space than before. */
const spaceTroubles = ({situation}: ActionWorld): readonly Trouble[] => {
	const root = situation.engine.facts?.rootDirectory ?? '/var/lib/docker';
	const disk = [...situation.host.disks.value?.disks ?? []].filter(({mount}) => mount === '/' || root === mount || root.startsWith(`${mount}/`)).toSorted((a, b) => b.mount.length - a.mount.length)[0];
	return disk === undefined || disk.availableBytes >= 2 * gibibyte ? [] : [trouble('disk-tight', disk.availableBytes < gibibyte / 2, {mount: disk.mount, bytes: String(disk.availableBytes)})];
};

const unsavedTroubles = (action: Action, world: ActionWorld): Pick<Plan, 'troubles' | 'loses'> => {
	const isRunning = (world.situation.containers.value ?? []).some(container => container.service === action.service && container.state === 'running');
	const answers = answersOf(action, world, {});
	if (!isRunning || answers === null) {
		return {troubles: isRunning ? [trouble('looking', true)] : [], loses: false};
	}

	const unsaved = unsavedIn(answers['unsaved']);
	// What is not known to be kept is taken as lost.
	const loses = unsaved.state === 'unknown' || (unsaved.state === 'lost' && unsaved.keys > 0);
	return {loses, troubles: [unsaved.state === 'kept' ? trouble('redis-kept', false) : (unsaved.state === 'lost' ? trouble('redis-lost', false, {keys: String(unsaved.keys)}) : trouble('redis-unknown', false))]};
};

// ─── backup ──────────────────────────────────────────────────────────────────

const dumpSteps = (compose: string, database: string): readonly string[] => [
	// No `&&`: a failure before the last of such a chain would not stop the script.
	'set -o pipefail; umask 077; mkdir -p "$BACKUP_DIRECTORY"',
	// Read back whole: an archive that does not end as pg_dump ends it is none.
	`${compose} exec -T ${database} sh -c 'exec pg_dump -U "\${POSTGRES_USER:-postgres}" "\${POSTGRES_DB:-\${POSTGRES_USER:-postgres}}"' | gzip > "$BACKUP_DIRECTORY/$MDC_BACKUP.part"`,
	'gzip -dc "$BACKUP_DIRECTORY/$MDC_BACKUP.part" | tail -n 5 | grep "PostgreSQL database dump complete"',
	'mv "$BACKUP_DIRECTORY/$MDC_BACKUP.part" "$BACKUP_DIRECTORY/$MDC_BACKUP"; ls -l "$BACKUP_DIRECTORY/$MDC_BACKUP"',
];

const stamp = (atMs: number): string => new Date(atMs).toISOString().replaceAll(/[-:]/g, '').replace(/\..*/, 'Z');

const backupValues = (world: ActionWorld): Readonly<Record<string, string>> => ({
	BACKUP_DIRECTORY: world.backupDirectory ?? `${world.situation.project.facts?.directory ?? world.settings.directory ?? ''}/backups`,
	MDC_BACKUP: `${world.situation.project.facts?.name ?? 'project'}-${stamp(world.nowMs ?? 0)}.sql.gz`,
});

const databaseService = 'db';

const databaseTroubles = (world: ActionWorld, blocks: boolean): readonly Trouble[] => {
	const own = (world.situation.containers.value ?? []).filter(container => container.service === databaseService && !container.oneOff);
	return world.situation.containers.value === null || own.some(container => container.state === 'running') ? [] : [trouble('not-entered', blocks, {service: databaseService, state: own[0]?.state ?? 'missing'})];
};

const backupPlan = (action: Action, world: ActionWorld, compose: string): Plan => {
	const values = backupValues(world);
	const answers = answersOf(action, world, {...valuesIn(action, world), ...values, ...world.values});
	const last = filesIn(answers?.['backups'], 'backup')[0];
	const size = answers?.['size']?.ok === true ? Number(answers['size'].text.trim()) : Number.NaN;
	return {
		...blank,
		steps: dumpSteps(compose, action.service ?? databaseService),
		values,
		preview: answers === null ? null : {items: filesIn(answers['backups'], 'backup'), bytes: null},
		troubles: [
			...databaseTroubles(world, true),
			...(answers === null ? [] : [last === undefined ? trouble('no-backup', false) : trouble('last-backup', false, {atMs: String(last.atMs), bytes: String(last.bytes)})]),
			...(Number.isNaN(size) ? [] : [trouble('database-size', false, {bytes: String(size)})]),
		],
	};
};

/** A backup as the first step of something else, where it is wanted; and how old the last one is. */
const backupFirst = (world: ActionWorld, compose: string): Pick<Plan, 'steps' | 'values' | 'troubles'> => {
	const values = {...backupValues(world), BACKUP_FIRST: 'no'};
	const isWanted = world.values?.['BACKUP_FIRST'] === 'yes';
	const answers = world.preview?.state === 'known' ? world.preview.answers : null;
	const last = filesIn(answers?.['backups'], 'backup')[0];
	return {
		steps: isWanted ? dumpSteps(compose, databaseService) : [],
		values,
		troubles: [
			...(isWanted ? databaseTroubles(world, true) : []),
			...(answers === null || isWanted ? [] : [last === undefined ? trouble('backup-none', false) : trouble('backup-offered', false, {atMs: String(last.atMs)})]),
		],
	};
};

// ─── what goes away ──────────────────────────────────────────────────────────

const shownFirst = 200;

const isBelow = (directory: string, mount: string): boolean => mount === '/' || directory === mount || directory.startsWith(`${mount}/`);

/** Deleting where there is room frees nothing on the disk that is full: the page's `/var/log` may lie elsewhere. */
const fullElsewhere = (directory: string, world: ActionWorld): readonly Trouble[] => {
	const mount = fullMountBeside(directory, world);
	return mount === null ? [] : [trouble('full-elsewhere', false, {mount, directory})];
};

/** The disk that is full, where the directory lies on another one; null when nothing is full, or the directory's own disk is. */
const fullMountBeside = (directory: string, {situation, settings}: ActionWorld): string | null => {
	const disks = (situation.host.disks.value?.disks ?? []).toSorted((a, b) => b.mount.length - a.mount.length);
	const full = disks.filter(({readOnly, usedBytes, availableBytes}) => !readOnly && usedBytes / Math.max(1, usedBytes + availableBytes) >= settings.thresholds.disk.critical);
	const own = disks.find(({mount}) => isBelow(directory, mount));
	return full.length === 0 || own === undefined || full.includes(own) ? null : full[0]!.mount;
};

/** What others call a log is the data itself there: the segments of a topic end in `.log` too. */
const logsAreData = /kafka|redpanda|zookeeper|pulsar|bookkeeper|elastic|opensearch|clickhouse|cassandra|scylla|influx|etcd|neo4j|couch/i;

const isStore = (container: ContainerFacts, situation: Situation): boolean => {
	const role = imageRole({name: container.service, image: container.image}, situation);
	return role === 'database' || role === 'cache' || logsAreData.test(`${container.service} ${container.image}`);
};

/** What the program itself calls its logs; the name on the host says nothing. */
const isOfLogs = (destination: string): boolean => /\/(?:logs?|log-files)\/?$/i.test(destination) || isBelow(destination, '/var/log');

/** Where a container of the project writes its logs on the disk that is full; never where a store keeps anything. */
const logsOnFullDisk = (directory: string, world: ActionWorld): {readonly service: string; readonly directory: string} | null => {
	const full = fullMountBeside(directory, world);
	if (full === null) {
		return null;
	}

	const containers = world.situation.containers.value ?? [];
	const stores = containers.filter(container => isStore(container, world.situation));
	const kept = stores.flatMap(({mounts}) => mounts.map(({source}) => source));
	const found = containers.filter(container => !stores.includes(container)).flatMap(({service, mounts}) => mounts
		.filter(({source, destination, writable}) => writable && isBelow(source, full) && isOfLogs(destination) && !kept.some(other => isBelow(source, other) || isBelow(other, source)))
		.map(({source}) => ({service, directory: source})));
	return found[0] ?? null;
};

const deletePlan = (action: Action, world: ActionWorld): Plan => {
	const asked = valuesIn(action, world);
	// Only while nobody has said where.
	const logs = world.values?.['DIRECTORY'] === undefined ? logsOnFullDisk(asked['DIRECTORY'] ?? '', world) : null;
	const values = logs === null ? asked : {...asked, DIRECTORY: logs.directory};
	const answers = answersOf(action, world, values);
	const files = filesIn(answers?.['files']);
	const isLocked = answers?.['locked']?.ok === true && answers['locked'].text.trim() !== '';
	const maySudo = answers?.['sudo']?.ok === true;
	return {
		...blank,
		needsCompose: false,
		steps: [`${isLocked && maySudo ? 'sudo -n ' : ''}find "$DIRECTORY" -xdev -type f -name "$NAME" -mtime +"$DAYS" -print -delete`],
		values: logs === null ? {} : {DIRECTORY: logs.directory},
		target: values['DIRECTORY'] ?? null,
		preview: answers === null ? null : {items: files.toReversed().slice(0, shownFirst), bytes: files.reduce((sum, {bytes}) => sum + (bytes ?? 0), 0), count: files.length},
		troubles: [
			...(logs === null ? fullElsewhere(values['DIRECTORY'] ?? '', world) : [trouble('logs-proposed', false, {...logs, instead: asked['DIRECTORY'] ?? ''})]),
			...(answers === null ? [trouble('looking', true)] : failedLook(answers['files'], 'find')),
			...(answers?.['files']?.ok === true && files.length === 0 ? [trouble('nothing-to-remove', true)] : []),
			...(isLocked ? [maySudo ? trouble('with-sudo', false) : trouble('needs-root', true, {path: answers['locked']?.ok === true ? answers['locked'].text.trim() : ''})] : []),
		],
	};
};

const dayMs = 86_400_000;

/** Stopped containers of others, dangling images and build cache, all older than so many days. What this project or a rollback may need stays. */
const prunePlan = (action: Action, world: ActionWorld): Plan => {
	const values = valuesIn(action, world);
	const answers = answersOf(action, world, values);
	const days = Number(values['DAYS'] ?? 7);
	const project = world.situation.project.facts?.name ?? '';
	const isOld = (atMs: number | null): boolean => atMs !== null && (world.nowMs ?? 0) - atMs > days * dayMs;
	const all = containersIn(answers?.['containers']);
	const containers = all.filter(({state, atMs, project: of}) => (state === 'exited' || state === 'created' || state === 'dead') && of !== project && isOld(atMs));
	const going = new Set(containers.map(({id}) => id));
	const kept = new Set([...(world.situation.containers.value ?? []).map(({imageId}) => imageId), ...(world.history?.images ?? []).map(({id}) => id)]);
	const used = new Set(all.filter(({id}) => !going.has(id)).map(({image}) => image));
	const dangling = imagesIn(answers?.['images']).filter(({repository, tag}) => repository === '<none>' && tag === '<none>');
	const images = dangling.filter(({id, atMs}) => !kept.has(id) && !used.has(id) && !used.has(id.replace(/^sha256:/, '')) && isOld(atMs));
	const cache = cacheIn(answers?.['usage']);
	const items: readonly Item[] = [
		...containers.map(({id, name, atMs}): Item => ({kind: 'container', id, name, bytes: null, atMs})),
		...images.map(({id, bytes, atMs}): Item => ({kind: 'image', id, name: id.replace(/^sha256:/, '').slice(0, 12), bytes, atMs})),
		...(cache === null || cache === 0 ? [] : [{kind: 'cache', id: 'cache', name: '', bytes: cache, atMs: null} as const]),
	];
	const protectedCount = all.filter(({state, project: of}) => state !== 'running' && of === project).length + dangling.length - images.length;
	return {
		...blank,
		needsCompose: false,
		steps: [
			...(containers.length === 0 ? [] : ['docker rm $MDC_CONTAINERS']),
			...(images.length === 0 ? [] : ['docker image rm $MDC_IMAGES']),
			'docker builder prune -f --filter "until=$MDC_UNTIL"',
		],
		values: {MDC_CONTAINERS: containers.map(({id}) => id).join(' '), MDC_IMAGES: images.map(({id}) => id).join(' '), MDC_UNTIL: `${days * 24}h`},
		preview: answers === null ? null : {items, bytes: items.reduce((sum, {bytes}) => sum + (bytes ?? 0), 0), count: items.length},
		troubles: answers === null ? [trouble('looking', true)] : [
			...failedLook(answers['containers'], 'docker ps'),
			...failedLook(answers['images'], 'docker image ls'),
			...(answers['usage']?.ok === false ? [trouble('look-failed', false, {what: 'docker system df', detail: answers['usage'].detail})] : []),
			...(answers['containers']?.ok === true && answers['images']?.ok === true && answers['usage']?.ok === true && items.length === 0 ? [trouble('nothing-to-remove', true)] : []),
			...(protectedCount > 0 ? [trouble('prune-keeps', false, {count: String(protectedCount), project})] : []),
		],
	};
};
