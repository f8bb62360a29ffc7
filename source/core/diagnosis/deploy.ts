/**
Bad deploy: a change of commit, image, `.env` or compose file shortly before the failure. A defect of the code with a new commit under it is the
deploy's fault, and going back is the action; what an edit broke is told beside the finding that names what broke.
*/

import {isOfCode} from './start.ts';
import type {Change, Scene} from './scene.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

const beforeMs = 45 * 60_000;
/** A build, and a start that tries for a while, lie between the change and the first failure. */
const afterMs = 60_000;

/** A change is at work as soon as the container was made anew after it; a proxy reads its mounted file at each start. */
const isAtWork = (scene: Scene, name: string | null, change: Change, failedAtMs: number): boolean => {
	const service = scene.service(name);
	const liveSinceMs = service?.role === 'proxy' ? service.main?.startedAtMs ?? null : service?.main?.createdAtMs ?? null;
	return liveSinceMs === null || (liveSinceMs >= change.atMs - 2000 && failedAtMs - liveSinceMs < liveMs);
};

/** What somebody stopped, froze or removed was not stopped by a change. */
const unrelated: ReadonlySet<string> = new Set(['engine-down', 'service-stopped', 'service-killed', 'service-missing', 'service-paused', 'service-dead', 'detached-from-network', 'stale-upstream', 'workers-stopped', 'disk-full', 'worker-out-of-memory', 'cache-full', 'database-locked', 'database-connections', 'database-starting', 'port-taken']);

const changeCode = {commit: 'changed-commit', image: 'changed-image', container: 'changed-container'} as const;

/** A change as evidence, with how long before the failure it came. */
export const changeEvidence = (change: Change, failedAtMs: number): Evidence =>
	evidence(change.kind in changeCode ? changeCode[change.kind as keyof typeof changeCode] : 'changed-file', {...change.params, kind: change.kind, beforeMs: Math.max(0, failedAtMs - change.atMs)}, change.atMs, {kind: 'changes'});

/** With a change at work for longer than this, and well, it is not to blame any more. */
const liveMs = 10 * 60_000;

/** The changes that came shortly before an instant and were at work by then, newest first; those of the thing itself dying and coming back do not count. */
const changesBefore = (scene: Scene, service: string | null, atMs: number): readonly Change[] => scene.changes.filter(change =>
	isAtWork(scene, service, change, atMs) && (change.service === null || change.service === service) && change.kind !== 'reboot' && change.kind !== 'engine' && change.kind !== 'action' && change.atMs <= atMs + afterMs && change.atMs >= atMs - beforeMs);

/** What a value in `.env` may cause as well as a line of code. */
const isOfAnything = ({code}: Finding): boolean => code === 'answers-500' || code === 'crash-loop';

/** An edit within so long belongs to the same deploy. */
const deployTakesMs = 10 * 60_000;

/** The finding as a bad deploy where it is one; else with what changed as evidence. */
export const withDeploy = (scene: Scene, finding: Finding): Finding => {
	if (finding.weight !== 'outage' || unrelated.has(finding.code) || finding.service === null) {
		return finding;
	}

	const failedAtMs = finding.sinceMs ?? scene.nowMs;
	const changes = changesBefore(scene, finding.service, failedAtMs);
	const commit = changes.find(change => change.kind === 'commit');
	const role = scene.service(finding.service)?.role;
	const isDeployed = commit !== undefined && changes.some(change => (change.kind === 'container' || change.kind === 'image') && change.service === finding.service && change.atMs >= commit.atMs - 1000);
	// Edited on the server after the commit came: going back to another commit would not take the edit away.
	const isEditedSince = commit !== undefined && changes.some(change => (change.kind === 'code' && change.atMs > commit.atMs + 1000) || (isOfAnything(finding) && (change.kind === 'environment' || change.kind === 'compose') && change.atMs > commit.atMs + deployTakesMs));
	if (commit !== undefined && isDeployed && !isEditedSince && isOfCode(finding.code) && role !== 'database' && role !== 'cache') {
		return found('bad-deploy', {
			...finding, code: 'bad-deploy', scenario: null, outside: 'rollback', confidence: 'certain', params: {...finding.params, hash: commit.params['hash'] ?? '', subject: commit.params['subject'] ?? '', beforeMs: Math.max(0, failedAtMs - commit.atMs)},
			evidence: [finding.evidence[0]!, changeEvidence(commit, failedAtMs), ...finding.evidence.slice(1)], actions: ['rollback-commit', 'rollback-image', ...finding.actions.filter(id => !id.startsWith('rollback'))], confirm: ['git-log', ...finding.confirm.filter(code => code !== 'git-log')],
		} as Finding);
	}

	const telling = pickTelling(changes, finding);
	// What hangs or does not answer since a deploy may be that deploy's, and the way back is one of the ways.
	const actions = telling?.kind === 'commit' && isDeployed && finding.scenario === null && !finding.actions.includes('rollback-commit') ? [...finding.actions, 'rollback-commit'] : finding.actions;
	return telling === undefined ? finding : {...finding, actions, evidence: [...finding.evidence.slice(0, 2), changeEvidence(telling, failedAtMs), ...finding.evidence.slice(2)]};
};

const ofEnvironment: ReadonlySet<string> = new Set(['missing-variable', 'database-auth', 'database-missing', 'out-of-memory', 'database-unreachable', 'cache-unreachable']);

/** Of several changes the newest of a kind that fits: a wrong variable goes with `.env`, a defect of the code with the code. */
const pickTelling = (changes: readonly Change[], finding: Finding): Change | undefined => {
	const wanted: ReadonlySet<Change['kind']> = new Set(ofEnvironment.has(finding.code) ? ['environment', 'compose', 'commit'] : (isOfCode(finding.code) && !isOfAnything(finding) ? ['code', 'commit'] : ['commit', 'environment', 'compose', 'code']));
	return changes.find(change => wanted.has(change.kind));
};

/** After this many actions that did not bring health back the runbook goes back to the version before. */
export const failedActionsBeforeRollback = 2;

/** The runbook's own rule: first the rollback when the attempts have not helped. A rollback mends no engine and empties no disk. */
export const withRollbackDue = (finding: Finding, failed: readonly string[], atMs: number | null): Finding =>
	failed.length < failedActionsBeforeRollback || finding.weight !== 'outage' || finding.outside === 'engine' || finding.code === 'disk-full' || finding.code === 'inodes-gone'
		? finding
		: {
			...finding, actions: ['rollback-commit', 'rollback-image', ...finding.actions.filter(id => id !== 'rollback-commit' && id !== 'rollback-image')],
			evidence: [finding.evidence[0]!, evidence('actions-failed', {count: failed.length, actions: failed.join(', ')}, atMs), ...finding.evidence.slice(1)],
		};
