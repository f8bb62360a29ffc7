/**
Facts for the diagnosis alone: the checkout's past, when images were made, whether Compose is at work, and the deeper looks that a rule asked for.
It hides when each is worth its cost: nothing here runs in steady state.
*/

import type {Clock, ContainersPort, FilesPort, HealthPort, HostPort, ProcessTree} from '../core/ports.ts';
import type {Effect} from '../core/state.ts';
import {probeKey, type ProbeAnswer} from '../core/diagnosis/types.ts';
import type {BackupPlace} from '../core/beyond.ts';
import {backupDirectoryOf} from '../core/update-preview.ts';
import {emptyText} from '../core/text.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

type Probe = Extract<Effect, {type: 'diagnosis/probe'}>;

export type DiagnosisPorts = {readonly containers: ContainersPort; readonly files: FilesPort; readonly host: HostPort; readonly health: HealthPort};

export type DiagnosisSources = {
	readonly list: readonly Source[];
	/** Everything but the deeper looks, once: for who looks only once. */
	look(): Promise<void>;
	/** Once the journal's place is known, beside which our own backups lie. */
	lookAtBackups(): Promise<void>;
	probe(effect: Probe): Promise<void>;
};

/** During an outage somebody may be at work on the checkout; at other times it is read only when something changed. */
const deploysMs = 120_000;
/** After a container was made or made anew, and when an outage begins, the checkout and its image are read again. */
const idleMs = 1000;
const backupsMs = 3_600_000;
const backupsAfterMs = 5000;
const watchComposeForMs = 8000;
const execDeadlineMs = 5000;

export const createDiagnosisSources = ({store, ports, clock}: {readonly store: Store; readonly ports: DiagnosisPorts; readonly clock: Clock}): DiagnosisSources => {
	let readFor = '';
	let readAtMs = -Infinity;
	let timed: ReadonlySet<string> = new Set();

	const readDeploys = async (): Promise<void> => {
		const {facts} = store.state().situation.project;
		if (facts?.directory == null) {
			return;
		}

		const outcome = await ports.files.deploys(facts.directory, facts.configFiles);
		store.dispatch(outcome.ok ? {type: 'project/deploysRead', facts: outcome.value, atMs: clock.nowMs()} : {type: 'project/deploysUnread', failure: outcome.failure});
	};

	const timeImages = async (): Promise<void> => {
		const ids = [...new Set((store.state().situation.containers.value ?? []).map(({imageId}) => imageId))].filter(id => id !== '' && !timed.has(id));
		if (ids.length === 0) {
			return;
		}

		timed = new Set([...timed, ...ids]);
		const outcome = await ports.containers.imageTimes(ids);
		if (outcome.ok) {
			store.dispatch({type: 'images/timed', times: outcome.value});
		}
	};

	const watchCompose = async (): Promise<void> => {
		const directory = store.state().situation.project.facts?.directory ?? null;
		if (directory === null) {
			return;
		}

		const outcome = await ports.host.composeRuns(directory);
		if (outcome.ok) {
			store.dispatch({type: 'project/composeWatched', runs: outcome.value, atMs: clock.nowMs()});
		}
	};

	let backupsFor = '';
	let backupsAtMs = -Infinity;
	const openedAtMs = clock.monotonicMs();

	/** Where the team's backups land and where our own do: once, after each backup of ours, and every hour where there is anything to be watched. */
	const lookAtBackups = async (): Promise<void> => {
		const state = store.state();
		const {facts} = state.situation.project;
		const own = facts === null ? null : backupDirectoryOf(state);
		const team = state.settings.backups?.directory ?? null;
		const key = `${team ?? ''} ${own ?? ''} ${state.runs.filter(run => run.phase === 'done').length}`;
		const isWatched = team !== null || state.situation.backups.some(({files}) => files.length > 0);
		if ((team === null && own === null) || (key === backupsFor && (!isWatched || clock.monotonicMs() - backupsAtMs < backupsMs))) {
			return;
		}

		backupsFor = key;
		backupsAtMs = clock.monotonicMs();
		const before = state.situation.backups;
		const look = async (directory: string, isOwn: boolean): Promise<BackupPlace> => {
			const outcome = await ports.files.backups(directory, isOwn ? `${facts?.name ?? ''}-` : '');
			if (outcome.ok) {
				return {directory, isOwn, ...outcome.value, failure: null, atMs: clock.nowMs()};
			}

			const {failure} = outcome;
			const last = before.find(place => place.directory === directory && place.isOwn === isOwn);
			// An earlier look hangs still: what it was told as says more than that.
			return failure.code === 'busy' && last !== undefined && last.failure !== null
				? last
				: {directory, isOwn, files: failure.code === 'not-found' ? [] : last?.files ?? [], isPartial: last?.isPartial ?? false, failure, atMs: clock.nowMs()};
		};

		store.dispatch({type: 'backups/looked', places: await Promise.all([...(team === null ? [] : [look(team, false)]), ...(own === null || own === team ? [] : [look(own, true)])])});
	};

	/** Changes with every container made: then it is a deploy, and the reflog has news. */
	const deployKey = (): string => (store.state().situation.containers.value ?? []).map(({id, imageId}) => `${id.slice(0, 12)}${imageId.slice(7, 19)}`).join(' ');

	const lookForDeploys = async (): Promise<boolean> => {
		const isFailing = store.state().suspectedSinceMs !== null;
		const containers = deployKey();
		const key = `${containers}${isFailing ? ' failing' : ''}`;
		if (containers === '' || (key === readFor && (!isFailing || clock.monotonicMs() - readAtMs < deploysMs))) {
			return true;
		}

		readFor = key;
		readAtMs = clock.monotonicMs();
		await Promise.all([readDeploys(), timeImages()]);
		return true;
	};

	const isComposeLikely = (): boolean => {
		const {situation, nowMs} = store.state();
		const lastAtMs = situation.happenings.at(-1)?.atMs ?? -Infinity;
		return situation.composeRuns.runs.length > 0 || nowMs - lastAtMs < watchComposeForMs || Object.keys(store.state().lasting.pending).length > 0;
	};

	const tell = (effect: Probe, answer: ProbeAnswer): void => {
		store.dispatch({type: 'diagnosis/probed', key: probeKey(effect.want), answer});
	};

	return {
		list: [
			{name: 'deploys', intervalMs: () => idleMs, firstAfterMs: 900, async look() {
				// Nobody waits for these: they come when everything else has.
				if (clock.monotonicMs() - openedAtMs > backupsAfterMs) {
					void lookAtBackups();
				}

				return lookForDeploys();
			}},
			{name: 'compose-runs', intervalMs: () => idleMs, firstAfterMs: 1200, async look() {
				if (isComposeLikely()) {
					await watchCompose();
				}

				return true;
			}},
		],
		async look() {
			await Promise.all([readDeploys(), timeImages(), watchCompose()]);
		},
		lookAtBackups,
		async probe(effect) {
			const facts = await askFurther(effect, ports);
			tell(effect, facts === null ? {atMs: clock.nowMs(), state: 'failed', facts: {}} : {atMs: clock.nowMs(), state: 'known', facts});
		},
	};
};

/** `0.0.0.0:5001 127.0.0.1:9000`; and ports at which connections wait that nobody takes, as `5001=3`. */
const listeningFacts = (listening: ProcessTree['listening']): ProbeAnswer['facts'] => listening === null ? {} : {
	listens: listening.map(({address, port}) => `${address}:${port}`).join(' '), queued: listening.filter(({queued}) => queued > 0).map(({port, queued}) => `${port}=${queued}`).join(' '),
};

/** One deeper look; null when it could not be had. */
const askFurther = async ({want, pid, target, address}: Probe, ports: DiagnosisPorts): Promise<ProbeAnswer['facts'] | null> => {
	switch (want.kind) {
		case 'processes': {
			const outcome = await ports.host.processTree(pid);
			return outcome.ok ? {...listeningFacts(outcome.value.listening), count: outcome.value.count, stopped: outcome.value.stopped, waiting: outcome.value.waiting, files: outcome.value.files?.open ?? -1, filesLimit: outcome.value.files?.limit ?? -1} : null;
		}

		case 'proxy-config': {
			const outcome = await ports.containers.execute(want.containerId, ['nginx', '-t'], execDeadlineMs);
			return outcome.ok && outcome.value.exitCode !== 126 && outcome.value.exitCode !== 127 ? {ok: outcome.value.exitCode === 0 ? 1 : 0, detail: outcome.value.output.split('\n')[0]?.slice(0, 200) ?? ''} : null;
		}

		case 'proxy-lookup': {
			const outcome = await ports.containers.execute(want.containerId, ['getent', 'hosts', want.target], execDeadlineMs);
			return outcome.ok && outcome.value.exitCode !== 126 && outcome.value.exitCode !== 127 ? {ok: outcome.value.exitCode === 0 ? 1 : 0, address: outcome.value.output.split(/\s/)[0] ?? ''} : null;
		}

		case 'database': {
			// The container's own user and database; the error is the answer.
			const outcome = await ports.containers.execute(want.containerId, ['sh', '-c', 'psql -X -q -At -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" -c "SELECT 1" 2>&1'], execDeadlineMs);
			return outcome.ok && outcome.value.exitCode !== 126 && outcome.value.exitCode !== 127 ? {ok: outcome.value.exitCode === 0 ? 1 : 0, detail: outcome.value.output.slice(0, 300)} : null;
		}

		case 'image': {
			const outcome = await ports.containers.hasImage(want.target);
			return outcome.ok ? {there: outcome.value ? 1 : 0} : null;
		}

		case 'sessions': {
			const {sessionsCommand, sessionsIn} = await import('../core/database-sessions.ts');
			const outcome = await ports.containers.execute(want.containerId, sessionsCommand, execDeadlineMs);
			return outcome.ok && outcome.value.exitCode === 0 ? sessionsIn(outcome.value.output) : null;
		}

		case 'port-holder': {
			const outcome = await ports.host.portHolder(Number(want.target));
			return outcome.ok && outcome.value !== null ? {pid: outcome.value.pid, name: outcome.value.name === '' ? '?' : outcome.value.name} : null;
		}

		case 'inside': {
			if (target === null || address === '') {
				return null;
			}

			const answer = await ports.health.ping({...target, via: 'address', deadlineMs: Math.min(2000, target.deadlineMs), expectedField: null}, address);
			return {ok: answer.ok || answer.status !== null ? 1 : 0, latencyMs: answer.latencyMs, reason: answer.reason ?? emptyText, detail: answer.detail};
		}

		case 'cache-info': {
			const outcome = address === '' ? null : await ports.health.cacheInfo(address, 2000);
			return outcome?.ok === true ? {used: Number(outcome.value['used_memory'] ?? 0), max: Number(outcome.value['maxmemory'] ?? 0), policy: outcome.value['maxmemory_policy'] ?? '', clients: Number(outcome.value['connected_clients'] ?? 0)} : null;
		}
	}
};
