import test from 'ava';
import {noHistory, foldHistory, type ActionHistory} from '../../source/core/action-history.ts';
import {bytesIn, filesIn, imagesIn, instantIn, keyOf, looksOf, unsavedIn, type LookAnswer, type Preview} from '../../source/core/action-looks.ts';
import {actionById, resolveAction, type ActionWorld, type Drift} from '../../source/core/actions.ts';
import {commitsBetween} from '../../source/core/rollback-plans.ts';
import type {ComposeTools, ContainerFacts, GitFacts, JournalEntry} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {makeSafe} from '../../source/core/text.ts';
import {ana, container, opened, project, stack, startMs} from '../helpers/facts.ts';

const dayMs = 86_400_000;
const day = (days: number): string => `${new Date(startMs - (days * dayMs)).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;

type Given = {readonly containers?: readonly ContainerFacts[]; readonly answers?: Readonly<Record<string, LookAnswer>>; readonly values?: Readonly<Record<string, string>>; readonly git?: GitFacts; readonly history?: ActionHistory; readonly drift?: Drift; readonly tools?: ComposeTools};

/** The card of an action with everything that it looked up. */
const card = (id: string, {containers = stack(), answers, values = {}, git, history, drift = {state: 'known', services: []}, tools = {v1: '1.29.2', v2: null}}: Given = {}) => {
	const action = actionById(id)!;
	const {situation} = opened(undefined, containers).send({type: 'project/found', facts: project, candidates: []}).state;
	const world: ActionWorld = {
		situation, settings: defaultSettings, tools, drift, readOnly: false, running: [], values, nowMs: startMs, backupDirectory: '/var/lib/mdc-console/backups',
		...(git === undefined ? {} : {git: {facts: git, failure: null}}), ...(history === undefined ? {} : {history}),
	};
	if (answers === undefined) {
		return resolveAction(action, world);
	}

	const asked = resolveAction(action, world).values;
	const preview: Preview = {state: 'known', key: keyOf(looksOf(action, asked, situation)), answers};
	return resolveAction(action, {...world, preview});
};

const text = (...rows: readonly (readonly string[])[]): LookAnswer => ({ok: true, text: rows.map(row => `${row.join('\t')}\n`).join('')});
const codes = (resolved: ReturnType<typeof card>): readonly string[] => resolved.troubles.map(({code}) => code);
const blocks = (resolved: ReturnType<typeof card>, code: string): boolean => resolved.troubles.some(trouble => trouble.code === code && trouble.blocks);

test('sizes, instants, files and images are read as the tools write them', t => {
	t.deepEqual(['0B', '77.8MB', '1.25GB', '512kB', '1.5GiB', 'N/A', ''].map(size => bytesIn(size)), [0, 77_800_000, 1_250_000_000, 512_000, 1_610_612_736, null, null]);
	t.is(instantIn('2026-01-18 03:04:05 +0000 UTC'), startMs);
	t.is(instantIn('2026-01-18 00:04:05 -0300 -03'), startMs);
	t.is(instantIn('3 days ago'), null);
	t.deepEqual(filesIn(text(['1768705445.5', '12', '/var/log/a\tb.log'])), [{kind: 'file', id: '/var/log/a\tb.log', name: '/var/log/a\tb.log', bytes: 12, atMs: 1_768_705_445_500}]);
	t.is(imagesIn(text(['sha256:1', '<none>', '<none>', '2MB', day(3)]))[0]!.bytes, 2_000_000);
	t.deepEqual(filesIn({ok: false, detail: 'x'}), []);
});

test('what Redis would lose: nothing with an append-only file or save points, every key without, unknown when it does not say', t => {
	const answer = (aof: string, save: string, keys: string): LookAnswer => ({ok: true, text: `# Persistence\r\nrdb_changes_since_last_save:7\r\naof_enabled:${aof}\r\nsave\n${save}\n${keys}\n`});
	t.deepEqual(unsavedIn(answer('0', '', '1204')), {state: 'lost', keys: 1204});
	t.deepEqual(unsavedIn(answer('0', '3600 1 300 100', '12')), {state: 'kept'});
	t.deepEqual(unsavedIn(answer('1', '', '12')), {state: 'kept'});
	t.deepEqual(unsavedIn({ok: true, text: 'NOAUTH Authentication required.\n'}), {state: 'unknown'});
	t.is(card('restart-redis', {answers: {unsaved: answer('0', '', '5')}}).risk, 'destructive');
	t.is(card('restart-redis', {answers: {unsaved: answer('1', '', '5')}}).risk, 'change');
	t.is(card('restart-redis', {answers: {unsaved: {ok: false, detail: 'timed out'}}}).risk, 'destructive');
	t.true(blocks(card('restart-redis'), 'looking'));
	t.is(card('restart-redis', {containers: stack({redis: {state: 'exited'}})}).risk, 'change');
});

const containersRow = (id: string, state: string, days: number, of = '', image = 'x'): readonly string[] => [id, image, `name-${id}`, state, day(days), of];
const usage = text(['Images', '1GB'], ['Build Cache', '2GB']);

test('prune takes stopped containers of others and images without a name, when they are old enough, and says what it keeps', t => {
	const resolved = card('prune', {
		answers: {
			containers: text(containersRow('own', 'exited', 30, project.name), containersRow('old', 'exited', 30), containersRow('young', 'exited', 1), containersRow('running', 'running', 30, '', 'sha256:used')),
			images: text(['sha256:1', '<none>', '<none>', '100MB', day(30)], ['sha256:gone', '<none>', '<none>', '100MB', day(30)], ['sha256:used', '<none>', '<none>', '1MB', day(30)], ['sha256:new', '<none>', '<none>', '1MB', day(1)], ['sha256:named', 'python', '3.11', '1MB', day(99)], ['sha256:kept', '<none>', '<none>', '1MB', day(30)]),
			usage,
		},
		history: {...noHistory, images: [{service: 'api', name: 'mdc-api', id: 'sha256:kept', atMs: 0}]},
	});
	// sha256:1 is what the project's containers run.
	t.is(resolved.environment['MDC_CONTAINERS'], 'old');
	t.is(resolved.environment['MDC_IMAGES'], 'sha256:gone');
	t.deepEqual(resolved.steps, ['docker rm $MDC_CONTAINERS', 'docker image rm $MDC_IMAGES', 'docker builder prune -f --filter "until=$MDC_UNTIL"']);
	t.is(resolved.preview?.bytes, 2_100_000_000);
	t.true(codes(resolved).includes('prune-keeps'));
	t.is(resolved.risk, 'destructive');
	t.false(resolved.script.includes(' -a'));
});

test('prune with nothing to remove, or that could not be looked up, cannot be run', t => {
	const nothing = {containers: text(), images: text(), usage: text(['Build Cache', '0B'])};
	t.true(blocks(card('prune', {answers: nothing}), 'nothing-to-remove'));
	t.true(blocks(card('prune', {answers: {...nothing, images: {ok: false, detail: 'denied'}}}), 'look-failed'));
	// The size of the build cache alone may stay unknown.
	t.false(card('prune', {answers: {...nothing, containers: text(containersRow('old', 'exited', 30)), usage: {ok: false, detail: '> 20 s'}}}).troubles.some(trouble => trouble.blocks));
});

test('deleting logs shows files, ages and sizes first; what needs root uses sudo without a password or not at all', t => {
	const files = text(['1700000000.0', '1000', '/var/log/a.log'], ['1700000001.0', '24', '/var/log/b.log']);
	const sudo: LookAnswer = {ok: true, text: ''};
	const noSudo: LookAnswer = {ok: false, detail: 'a password is required'};
	const free = card('delete-logs', {answers: {files, locked: text(), sudo: noSudo}});
	t.like(free.preview, {bytes: 1024, count: 2});
	t.is(free.script, 'find "$DIRECTORY" -xdev -type f -name "$NAME" -mtime +"$DAYS" -print -delete');
	t.is(free.target, '/var/log');
	t.deepEqual(free.values, {DIRECTORY: '/var/log', NAME: '*.log', DAYS: '7'});
	const locked = text(['/var/log/nginx']);
	t.true(card('delete-logs', {answers: {files, locked, sudo}}).script.startsWith('sudo -n find'));
	t.true(blocks(card('delete-logs', {answers: {files, locked, sudo: noSudo}}), 'needs-root'));
	t.true(blocks(card('delete-logs', {answers: {files: text(), locked: text(), sudo}}), 'nothing-to-remove'));
	t.true(blocks(card('delete-logs', {answers: {files: {ok: false, detail: '> 15 s'}, locked: text(), sudo}}), 'look-failed'));
});

test('values that make no sense for deleting are refused', t => {
	for (const [name, value] of [['DIRECTORY', '/'], ['DIRECTORY', '//'], ['DIRECTORY', '/var/log/../..'], ['DIRECTORY', '/..'], ['DIRECTORY', 'var/log'], ['DIRECTORY', '-delete'], ['NAME', 'a/b'], ['DAYS', '-1'], ['DAYS', 'x'], ['DAYS', '7; rm -rf /']] as const) {
		t.true(blocks(card('delete-logs', {values: {[name]: value}}), 'variable-refused'), `${name}=${value}`);
	}
});

test('a build on a full disk is warned of, and refused when hardly anything is free', t => {
	const withFree = (availableBytes: number) => {
		const console = opened().send(
			{type: 'project/found', facts: project, candidates: []},
			{type: 'host/disksRead', reading: {atMs: startMs, silent: [], disks: [{mount: '/', device: 'x', type: 'ext4', totalBytes: 1e11, availableBytes: 9e10, usedBytes: 1e10, inodes: 1, inodesFree: 1, readOnly: false}, {mount: '/var/lib/docker', device: 'y', type: 'ext4', totalBytes: 1e11, availableBytes, usedBytes: 1e10, inodes: 1, inodesFree: 1, readOnly: false}]}},
		);
		return resolveAction(actionById('rebuild-api')!, {situation: console.state.situation, settings: defaultSettings, tools: {v1: '1.29.2', v2: null}, drift: {state: 'known', services: ['api']}, readOnly: false, running: []}).troubles.find(({code}) => code === 'disk-tight');
	};

	t.is(withFree(1e10), undefined);
	t.like(withFree(1e9), {blocks: false, params: {mount: '/var/lib/docker'}});
	t.like(withFree(1e8), {blocks: true});
});

test('deleting old logs says when the disk that is full is another one', t => {
	const disk = (mount: string, usedBytes: number) => ({mount, device: '/dev/vda', type: 'ext4', totalBytes: 1000, availableBytes: 1000 - usedBytes, usedBytes, inodes: 100, inodesFree: 50, readOnly: false});
	const troublesWith = (root: number, data: number, directory: string) => {
		const console = opened().send({type: 'host/disksRead', reading: {atMs: startMs, disks: [disk('/', root), disk('/srv/data', data)], silent: []}});
		const resolved = resolveAction(actionById('delete-logs')!, {situation: console.state.situation, settings: defaultSettings, tools: null, drift: {state: 'unknown'}, readOnly: false, running: [], values: {DIRECTORY: directory}});
		return resolved.troubles.filter(({code}) => code === 'full-elsewhere').map(({params}) => params['mount']);
	};

	t.deepEqual(troublesWith(500, 990, '/var/log'), ['/srv/data']);
	t.deepEqual(troublesWith(500, 990, '/srv/data/logs'), []);
	t.deepEqual(troublesWith(990, 500, '/var/log'), []);
	t.deepEqual(troublesWith(500, 500, '/var/log'), []);
});

test('deleting old logs begins where a container writes its logs on the full disk, until somebody says where', t => {
	const disk = (mount: string, usedBytes: number) => ({mount, device: '/dev/vda', type: 'ext4', totalBytes: 1000, availableBytes: 1000 - usedBytes, usedBytes, inodes: 100, inodesFree: 50, readOnly: false});
	const containers = stack({api: {mounts: [{source: '/srv/data/uploads', destination: '/app/uploads', writable: true}, {source: '/srv/data/logs', destination: '/app/logs', writable: true}]}});
	const given = (data: number, values: Readonly<Record<string, string>> = {}) => {
		const {situation} = opened(undefined, containers).send({type: 'host/disksRead', reading: {atMs: startMs, disks: [disk('/', 500), disk('/srv/data', data)], silent: []}}).state;
		return resolveAction(actionById('delete-logs')!, {situation, settings: defaultSettings, tools: null, drift: {state: 'unknown'}, readOnly: false, running: [], values});
	};

	t.like(given(990), {target: '/srv/data/logs', values: {DIRECTORY: '/srv/data/logs', NAME: '*.log', DAYS: '7'}});
	t.like(given(990).troubles.find(({code}) => code === 'logs-proposed'), {blocks: false, params: {service: 'api', directory: '/srv/data/logs', instead: '/var/log'}});
	t.is(given(500).target, '/var/log');
	t.is(given(990, {DIRECTORY: '/var/log'}).target, '/var/log');
});

test('what a store keeps is never proposed as old logs, nor what only the host calls so', t => {
	const disk = (mount: string, usedBytes: number) => ({mount, device: '/dev/vda', type: 'ext4', totalBytes: 1000, availableBytes: 1000 - usedBytes, usedBytes, inodes: 100, inodesFree: 50, readOnly: false});
	const proposed = (...containers: readonly ContainerFacts[]) => {
		const {situation} = opened(undefined, [...stack(), ...containers]).send({type: 'host/disksRead', reading: {atMs: startMs, disks: [disk('/', 500), disk('/srv/data', 990)], silent: []}}).state;
		const {target, troubles} = resolveAction(actionById('delete-logs')!, {situation, settings: defaultSettings, tools: null, drift: {state: 'unknown'}, readOnly: false, running: [], values: {}});
		return [target, troubles.filter(({code}) => code === 'full-elsewhere' || code === 'logs-proposed').map(({code}) => code)];
	};

	const mounted = (service: string, source: string, destination: string, image = service) => container(service, {image, mounts: [{source, destination, writable: true}]});
	const nothing = ['/var/log', ['full-elsewhere']];
	for (const one of [
		mounted('kafka', '/srv/data/kafka-logs', '/var/lib/kafka-logs'), mounted('events', '/srv/data/logs', '/kafka/logs', 'bitnami/kafka:3'), mounted('events', '/srv/data/logs', '/data/logs', 'redpandadata/redpanda'),
		mounted('zk', '/srv/data/logs', '/logs', 'zookeeper:3.9'), mounted('search', '/srv/data/logs', '/usr/share/elasticsearch/logs', 'elasticsearch:8'), mounted('store', '/srv/data/log', '/var/log', 'postgres:15'),
		mounted('web', '/srv/data/logs', '/app/data'), mounted('web', '/srv/data/x', '/app/kafka-logs'), mounted('web', '/srv/data/x', '/app/logs/blog'),
	]) {
		t.deepEqual(proposed(one), nothing, `${one.image} ${one.mounts[0]!.destination}`);
	}

	// The same directory, read by another: it is the store's still.
	t.deepEqual(proposed(mounted('viewer', '/srv/data/kafka', '/logs'), mounted('kafka', '/srv/data/kafka', '/var/lib/kafka')), nothing);
	for (const destination of ['/app/logs', '/app/log', '/app/log-files/', '/var/log/app']) {
		t.deepEqual(proposed(mounted('web', '/srv/data/x', destination)), ['/srv/data/x', ['logs-proposed']], destination);
	}
});

test('a rebuild builds before it swaps', t => {
	t.deepEqual(card('rebuild-api').steps, ['docker-compose build --no-cache api', 'docker-compose up -d api']);
});

test('a range of ports is shared out: as many replicas as it has ports that nobody else holds', t => {
	const published = text(['{"5001/tcp":[{"HostIp":"127.0.0.1","HostPort":"5001-5004"}]}']);
	// 5001 is the api's own, 5003 somebody else's.
	const answers = {published, listened: text(['1389'], ['138B'], ['0016'])};
	const three = card('scale-api', {values: {REPLICAS: '3'}, answers});
	t.deepEqual(three.troubles.filter(({code}) => code.startsWith('port')), [{code: 'ports-enough', blocks: false, params: {service: 'api', first: '5001', last: '5004', room: '3'}}]);
	t.true(blocks(card('scale-api', {values: {REPLICAS: '4'}, answers}), 'ports-too-few'));
	// A port that only looks like one of the system's is fixed all the same; one that is left to it is not.
	t.true(blocks(card('scale-api', {values: {REPLICAS: '2'}, answers: {...answers, published: text(['{"5001/tcp":[{"HostIp":"","HostPort":"49153"}]}'])}}), 'port-fixed'));
	t.false(card('scale-api', {values: {REPLICAS: '9'}, answers: {...answers, published: text(['{"5001/tcp":[{"HostIp":"","HostPort":""}]}'])}}).troubles.some(trouble => trouble.blocks));
	t.false(card('scale-api', {values: {REPLICAS: '9'}, answers: {...answers, published: text(['null'])}}).troubles.some(trouble => trouble.blocks));
});

test('a container that is added is compared like one that is recreated: without a value that only the deployer\'s shell had it is not made', t => {
	const answers = {published: text(['null']), listened: text([])};
	const scaled = (replicas: string, drift: Drift) => card('scale-api', {values: {REPLICAS: replicas}, answers, drift});
	const blanked: Drift = {state: 'known', services: ['api'], unset: ['SECRET_KEY'], blanked: ['SECRET_KEY']};
	t.true(blocks(scaled('2', {state: 'unknown'}), 'looking'));
	t.true(blocks(scaled('2', {state: 'asked'}), 'looking'));
	t.deepEqual(scaled('2', blanked).troubles.map(({code, blocks: isBlocking, params}) => [code, isBlocking, params]), [['replica-differs', false, {service: 'api'}], ['replica-blanked', true, {names: 'SECRET_KEY', service: 'api'}]]);
	t.deepEqual(codes(scaled('2', {state: 'known', services: ['api'], unset: ['SECRET_KEY'], blanked: null})), ['replica-differs', 'variables-unset']);
	t.deepEqual(codes(scaled('2', {state: 'known', services: [], unset: ['SECRET_KEY'], blanked: []})), []);
	t.is(scaled('2', blanked).risk, 'change');
	// What could not be compared is armed by the service's name, as with every other `up`.
	const unknown = scaled('2', {state: 'failed', detail: 'no such file'});
	t.deepEqual([unknown.risk, unknown.target, codes(unknown)], ['destructive', 'api', ['replica-unknown']]);
	// Fewer make none.
	t.deepEqual(codes(scaled('1', blanked)), ['same-scale']);
	t.deepEqual([scaled('2', blanked).compares, scaled('2', blanked).alone, scaled('1', blanked).compares], [true, true, false]);
});

test('scaling is refused where a fixed port can be held once, and allowed where the system gives ports out', t => {
	const answers = {published: text(['{"5001/tcp":[{"HostIp":"","HostPort":"5001"}]}']), listened: text(['1389'])};
	t.true(blocks(card('scale-api', {values: {REPLICAS: '3'}}), 'looking'));
	t.true(blocks(card('scale-api', {values: {REPLICAS: '3'}, answers}), 'port-fixed'));
	t.false(blocks(card('scale-api', {values: {REPLICAS: '1'}, answers}), 'port-fixed'));
	const free = stack({api: {ports: [{containerPort: 5001, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 49_153}]}});
	const resolved = card('scale-api', {containers: free, values: {REPLICAS: '3'}, answers: {published: {ok: false, detail: 'x'}, listened: {ok: false, detail: 'x'}}});
	t.false(resolved.troubles.some(trouble => trouble.blocks));
	t.is(resolved.script, 'docker-compose up -d --no-recreate --scale api="$REPLICAS" api');
});

test('a backup needs a database that can be entered, and never builds a shell text from a value', t => {
	t.true(blocks(card('backup-db', {containers: stack({db: {state: 'paused'}})}), 'not-entered'));
	const resolved = card('backup-db', {values: {BACKUP_DIRECTORY: '/tmp/a b$(id)'}});
	t.false(resolved.script.includes('$(id)'));
	t.is(resolved.environment['BACKUP_DIRECTORY'], '/tmp/a b$(id)');
	t.regex(resolved.environment['MDC_BACKUP']!, /^mestres-do-cafe-20260118T030405Z\.sql\.gz$/);
	t.is(resolved.values['BACKUP_DIRECTORY'], '/tmp/a b$(id)');
});

const commit = (hash: string, subject: string, migrations: readonly string[] = []): GitFacts['commits'][number] =>
	({hash: hash.repeat(40), subject: makeSafe(subject), author: makeSafe('Bruno'), atMs: startMs - dayMs, files: 2, migrations: migrations.map(name => makeSafe(name))});

const git: GitFacts = {
	head: 'a'.repeat(40), branch: 'main', shallow: false, dirtyCount: 0, dirty: [], submodules: false, foreign: false,
	commits: [commit('a', 'newest'), commit('b', 'loyalty', ['migrations/0003.py']), commit('c', 'before')],
};

test('the commits between are those that a rollback leaves, or a way forward brings', t => {
	t.deepEqual(commitsBetween(git, 'c'.repeat(40)), {commits: [git.commits[0]!, git.commits[1]!], forward: false});
	t.deepEqual(commitsBetween({...git, head: 'c'.repeat(40)}, 'a'.repeat(40)), {commits: [git.commits[0]!, git.commits[1]!], forward: true});
	t.deepEqual(commitsBetween(git, 'f'.repeat(40)).commits, []);
});

test('a rollback to a commit checks out, builds, and swaps last; it asks for the project by name', t => {
	const resolved = card('rollback-commit', {git, values: {COMMIT: 'b'.repeat(40)}});
	t.deepEqual(resolved.steps, ['git checkout --detach "$COMMIT"', 'docker-compose build', 'docker-compose up -d']);
	t.is(resolved.risk, 'destructive');
	t.is(resolved.target, 'mestres-do-cafe');
	t.is(resolved.lock, 'mestres-do-cafe/*');
	t.is(resolved.environment['COMMIT'], 'b'.repeat(40));
	t.deepEqual(resolved.action.verification, {by: 'pings', service: null, strict: true});
	t.deepEqual(resolved.checks, ['api', 'nginx']);
	t.false(codes(resolved).includes('migration-between'));
});

test('a rollback tells what stands in its way: migrations, uncommitted work, a detached head, submodules, another owner, no git', t => {
	const older = {COMMIT: 'c'.repeat(40)};
	t.true(codes(card('rollback-commit', {git, values: older})).includes('migration-between'));
	const dirty = card('rollback-commit', {git: {...git, dirtyCount: 2, dirty: [makeSafe('app.py')]}, values: older});
	t.true(codes(dirty).includes('tree-dirty'));
	t.is(dirty.steps[0], 'git stash push -m "before the rollback"');
	t.true(codes(card('rollback-commit', {git: {...git, branch: null}, values: older})).includes('head-detached'));
	t.true(codes(card('rollback-commit', {git: {...git, shallow: true}, values: older})).includes('history-shallow'));
	const modules = card('rollback-commit', {git: {...git, submodules: true}, values: older});
	t.true(codes(modules).includes('has-submodules') && modules.steps.some(step => step.includes('submodule update')));
	const foreign = card('rollback-commit', {git: {...git, foreign: true}, values: older});
	t.true(foreign.steps[0]!.includes('safe.directory="$PWD"') && foreign.steps[0]!.includes('core.hooksPath=/dev/null'));
	t.true(codes(card('rollback-commit', {git, values: {COMMIT: git.head}})).includes('commit-here'));
	t.true(blocks(card('rollback-commit'), 'looking'));
	t.true(blocks(card('rollback-commit', {git, values: {COMMIT: '--upload-pack=x'}}), 'variable-refused'));
});

test('a backup is the first step of a rollback or a migration when it is wanted', t => {
	const wanted = card('rollback-commit', {git, values: {COMMIT: 'c'.repeat(40), BACKUP_FIRST: 'yes'}});
	t.true(wanted.steps.findIndex(step => step.includes('pg_dump')) < wanted.steps.findIndex(step => step.includes('git checkout')));
	t.deepEqual(card('migrate').steps, ['docker-compose run --rm --no-deps -T api flask db upgrade']);
	t.is(card('migrate', {values: {BACKUP_FIRST: 'yes'}}).steps.at(-1), 'docker-compose run --rm --no-deps -T api flask db upgrade');
});

const entry = (sequence: number, type: string, data: JournalEntry['data'], atMs = startMs + (sequence * 1000)): JournalEntry => ({sequence, atMs, monotonicMs: 0, bootId: '', actor: ana, incident: null, type, data});

test('the journal tells how long an action took, the images that ran before, and where the way back leads', t => {
	const entries = [
		entry(1, 'state/before', {run: 'r0', action: 'rebuild-api', commit: null, branch: null, images: [{service: 'api', name: 'mdc-api', id: 'sha256:old'}]}),
		entry(2, 'action/started', {run: 'r1', action: 'rebuild-api'}), entry(5, 'action/ended', {run: 'r1', action: 'rebuild-api', exitCode: 0, cancelled: false}),
		entry(6, 'action/started', {run: 'r2', action: 'rebuild-api'}), entry(7, 'action/ended', {run: 'r2', action: 'rebuild-api', exitCode: 1, cancelled: false}),
		entry(8, 'state/before', {run: 'r3', action: 'rollback-commit', commit: 'a'.repeat(40), branch: 'main', images: [{service: 'api', name: 'mdc-api', id: 'sha256:bad'}, {service: 'db', name: 'mdc-db', id: 'sha256:1'}]}),
	];
	const history = entries.reduce(foldHistory, noHistory);
	t.deepEqual(history.took, {'rebuild-api': [{atMs: startMs + 5000, tookMs: 3000}]});
	t.deepEqual(history.images.map(({id}) => id), ['sha256:bad', 'sha256:1', 'sha256:old']);
	t.is(entries.reduce(foldHistory, history), history);
	const back = card('rollback-back', {history, git: {...git, branch: null}});
	t.deepEqual(back.steps, ['git checkout "$MDC_REF"', 'docker tag "$MDC_IMAGE_0" "$MDC_NAME_0"', 'docker tag "$MDC_IMAGE_1" "$MDC_NAME_1"', 'docker-compose up -d --no-build']);
	t.like(back.environment, {MDC_REF: 'main', MDC_IMAGE_0: 'sha256:bad', MDC_NAME_0: 'mdc-api'});
	t.true(blocks(card('rollback-back'), 'nothing-recorded'));
});

test('an image is chosen among those that the service ran or that have its name, and swaps that service alone', t => {
	const history = {...noHistory, images: [{service: 'api', name: 'mdc-api', id: `sha256:${'2'.repeat(64)}`, atMs: 0}]};
	const images = text([`sha256:${'2'.repeat(64)}`, '<none>', '<none>', '1MB', day(3)], ['sha256:other', 'python', '3', '1MB', day(3)]);
	const resolved = card('rollback-image', {history, answers: {images}, values: {IMAGE: `sha256:${'2'.repeat(64)}`}});
	t.deepEqual(resolved.steps, ['docker tag "$IMAGE" "$MDC_NAME"', 'docker-compose up -d --no-build --no-deps api']);
	t.is(resolved.environment['MDC_NAME'], 'mdc-api');
	t.is(resolved.lock, 'mestres-do-cafe/api');
	const pulled = card('rollback-image', {history, answers: {images}, values: {IMAGE: `registry.example/api@sha256:${'3'.repeat(64)}`}});
	t.is(pulled.steps[0], 'docker pull "$IMAGE"');
	t.true(blocks(card('rollback-image', {history, answers: {images}, values: {IMAGE: 'api:latest; id'}}), 'variable-refused'));
});

const imageBefore = `sha256:${'2'.repeat(64)}`;
const rolledBack: ActionHistory = [entry(1, 'state/before', {
	run: 'r', action: 'rollback-commit', commit: 'a'.repeat(40), branch: 'main', images: [{service: 'api', name: 'mdc-api', id: imageBefore}, {service: 'db', name: 'mdc-db', id: 'sha256:1'}],
})].reduce(foldHistory, noHistory);
const onlyV2: ComposeTools = {v1: null, v2: {version: '2.26.1', words: ['docker', 'compose']}};

for (const [id, given, reach] of [
	['rollback-image', {history: rolledBack, answers: {images: text([imageBefore, '<none>', '<none>', '1MB', day(3)])}, values: {IMAGE: imageBefore}}, 'service'],
	['rollback-back', {history: rolledBack, git}, 'project'],
	['rollback-commit', {git, values: {COMMIT: 'b'.repeat(40)}}, 'project'],
] as const) {
	test(`${id}: where nothing but what it swaps would be recreated it asks for no more than it does at any time`, t => {
		for (const services of [[], ['api']]) {
			const resolved = card(id, {...given, drift: {state: 'known', services, unset: [], blanked: []}});
			t.true(resolved.recreates);
			t.is(resolved.risk, resolved.action.risk);
			t.false(resolved.troubles.some(trouble => trouble.blocks));
			t.is(codes(resolved).includes('would-recreate'), services.length > 0);
		}
	});

	test(`${id}: waits until compose has said what it would recreate, and what cannot be compared asks for its target by name`, t => {
		t.true(blocks(card(id, {...given, drift: {state: 'asked'}}), 'comparing'));
		t.is(card(id, {...given, drift: {state: 'failed', detail: 'x'}}).risk, 'destructive');
	});

	test(`${id}: hands no container a blank for a variable that only the deployer's shell had`, t => {
		const resolved = card(id, {...given, drift: {state: 'known', services: ['api'], unset: ['SECRET_KEY'], blanked: ['SECRET_KEY']}});
		t.true(blocks(resolved, 'variables-blanked'));
		t.true(codes(card(id, {...given, drift: {state: 'known', services: ['api'], unset: ['SECRET_KEY'], blanked: null}})).includes('variables-unset'));
	});

	test(`${id}: by the other generation of Compose, or where another service differs, it asks for its target by name`, t => {
		const other = card(id, {...given, tools: onlyV2});
		t.is(other.risk, 'destructive');
		t.is(other.troubles.find(({code}) => code === 'other-compose')?.params['reach'], reach);
		const differs = card(id, {...given, drift: {state: 'known', services: ['api', 'redis']}});
		t.is(differs.risk, 'destructive');
		t.is(differs.troubles.find(({code}) => code === 'would-recreate')?.params['services'], 'api, redis');
	});
}

test('only the rollback to an image leaves what the service depends on alone', t => {
	t.true(card('rollback-image').alone);
	t.false(['start-api', 'rebuild-api', 'rollback-commit', 'rollback-back'].some(id => card(id, {git, history: rolledBack}).alone));
});

test('what the other generation of Compose would make anew is told as far as the command reaches', t => {
	const reach = (id: string) => card(id, {git, tools: onlyV2}).troubles.find(({code}) => code === 'other-compose')?.params['reach'];
	t.deepEqual(['restart-api', 'start-api', 'rollback-commit'].map(id => reach(id)), ['nothing', 'dependencies', 'project']);
});

test('the way back out of a rollback that stopped half way is one y: names that a build has moved are no change of definition', t => {
	const history = {...rolledBack, before: {...rolledBack.before!, images: [{service: 'api', name: 'mdc-api', id: 'sha256:1', atMs: 0}, {service: 'db', name: 'mdc-postgres:15', id: 'sha256:1', atMs: 0}]}};
	const risk = (services: readonly string[]) => card('rollback-back', {history, git, drift: {state: 'known', services}}).risk;
	t.is(risk(['api']), 'change');
	// Its image is pulled, never built: its definition is another one.
	t.is(risk(['api', 'db']), 'destructive');
});
