import {chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createCommandsPort, defaultRuntimeDirectories, type Commands} from '../../source/adapters/commands.ts';
import {parseLogind, readLogoutFacts} from '../../source/adapters/commands/logout.ts';
import {existingPlaces, findPlace} from '../../source/adapters/commands/places.ts';
import {parseOutcome} from '../../source/adapters/commands/run-files.ts';
import type {Clock} from '../../source/core/ports.ts';
import {needs} from '../helpers/needs.ts';

const clock: Clock = {nowMs: () => Date.now(), monotonicMs: () => performance.now(), after: () => () => {/* not used here */}};

const temporary = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-places-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true, maxRetries: 5, retryDelay: 200}));
	return directory;
};

test('the directory is made for its user alone, or for group docker when root makes it', async t => {
	const path = join(await temporary(t), 'runtime');
	const place = await findPlace([path]);
	t.true(place.ok);
	const facts = await stat(path);
	const group = Number(/^docker:[^:]*:(\d+):/m.exec(await readFile('/etc/group', 'utf8'))?.[1] ?? -1);
	if (process.getuid?.() === 0 && group >= 0) {
		t.is(facts.mode & 0o7777, 0o2770);
		t.is(facts.gid, group);
	} else {
		t.is(facts.mode & 0o777, 0o700);
	}

	t.deepEqual(await findPlace([path]), place);
});

test('a link, a file, and a directory that everybody can write are refused with the reason, and the next candidate is taken', async t => {
	const directory = await temporary(t);
	const link = join(directory, 'link');
	const file = join(directory, 'file');
	const open = join(directory, 'open');
	const good = join(directory, 'good');
	await mkdir(join(directory, 'target'), {mode: 0o700});
	await symlink(join(directory, 'target'), link);
	await writeFile(file, '');
	await mkdir(open);
	await chmod(open, 0o777);
	const refused = await findPlace([link, file, open, join(directory, 'no/such')]);
	t.like(refused, {ok: false, failure: {code: 'denied'}});
	const detail = refused.ok ? '' : refused.failure.detail;
	for (const part of [`${link}: is a symbolic link`, `${file}: is not a directory`, `${open}: can be written by everybody`, 'no/such: the directory above it does not exist']) {
		t.true(detail.includes(part), part);
	}

	await chmod(open, 0o1777);
	const taken = await findPlace([link, file, open, good]);
	t.true(taken.ok && taken.value.path === good);
	t.deepEqual(await existingPlaces([link, file, open, good]), [good]);
});

needs('root')('a directory of another user, or of a strange group, is refused and its runs are not believed', async t => {
	const directory = await temporary(t);
	const hostile = join(directory, 'hostile');
	await mkdir(hostile, {mode: 0o700});
	await chown(hostile, 65_534, 0);
	t.like(await findPlace([hostile]), {ok: false, failure: {code: 'denied', detail: `${hostile}: belongs to user 65534` as never}});
	const grouped = join(directory, 'grouped');
	await mkdir(grouped);
	await chown(grouped, 0, 65_533);
	await chmod(grouped, 0o2770);
	t.like(await findPlace([grouped]), {ok: false, failure: {detail: `${grouped}: can be written by group 65533` as never}});

	await mkdir(join(hostile, 'run-fake'));
	await writeFile(join(hostile, 'run-fake', 'request.json'), '{"id": "fake", "project": "shop"}');
	await writeFile(join(hostile, 'run-fake', 'started'), '1 1 00000000-0000-0000-0000-000000000000\n1\nend\n');
	t.deepEqual(await commands(hostile).runs('shop'), {ok: true, value: []});
	t.like(await commands(hostile).start({
		id: 'x', project: 'shop', action: 'a', lock: 'l', script: 'true', directory: '/', environment: {}, deadlineMs: 1, hardLimitMs: 1000, actor: 'ana',
	}), {ok: false, failure: {code: 'denied'}});
});

const commands = (...runtimeDirectories: readonly string[]): Commands => createCommandsPort({
	clock, runtimeDirectories, dockerHost: () => null, basePath: '/usr/bin:/bin', home: '/root', user: 'tester',
});

test('the candidates of a real server: the common directory, then the user\'s own', t => {
	t.deepEqual(defaultRuntimeDirectories({XDG_RUNTIME_DIR: '/run/user/1000'}, 1000), ['/run/mdc-console', '/run/user/1000/mdc-console', '/dev/shm/mdc-console-1000']);
	t.deepEqual(defaultRuntimeDirectories({XDG_RUNTIME_DIR: 'relative'}, 0), ['/run/mdc-console', '/dev/shm/mdc-console-0']);
});

test('an outcome counts only when it is whole', t => {
	t.is(parseOutcome('exit=0\nsignal=\n'), null);
	t.is(parseOutcome(''), null);
	t.deepEqual(parseOutcome('exit=\nsignal=KILL\ncancelled=1\ntimedOut=0\nstartedAtMs=5\nendedAtMs=9\nleft=sl\u001B[2Jeep (7)\nend\n      '), {
		exitCode: null, signal: 'SIGKILL', cancelled: true, timedOut: false, startedAtMs: 5, endedAtMs: 9, leftRunning: ['sleep (7)'],
	} as never);
});

const fixture = async (t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> => {
	const root = await temporary(t);
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), {recursive: true});
		await writeFile(join(root, path), text);
	}

	return root;
};

test('where logind kills at logout, a run goes through systemd-run; else nothing is needed', async t => {
	const files = {'run/systemd/system/x': '', 'bin/systemd-run': '', 'etc/systemd/logind.conf': '[Login]\nKillUserProcesses=yes\n'};
	const root = await fixture(t, files);
	const facts = async (changes: Partial<Parameters<typeof readLogoutFacts>[0]> = {}): ReturnType<typeof readLogoutFacts> =>
		readLogoutFacts({root, user: 'ana', uid: 1000, basePath: join(root, 'bin'), ...changes});
	t.like(await facts(), {systemd: true, kills: true, survives: false, remedy: 'linger', launcher: []});
	await mkdir(join(root, 'var/lib/systemd/linger'), {recursive: true});
	await writeFile(join(root, 'var/lib/systemd/linger/ana'), '');
	const lingering = await facts();
	t.like(lingering, {kills: true, survives: true, remedy: null, removesFiles: true});
	t.deepEqual(lingering.launcher.slice(0, 3), ['systemd-run', '--user', '--scope']);
	t.like(await facts({user: 'root', uid: 0}), {kills: false, survives: true, launcher: [], removesFiles: false});
	t.like(await facts({basePath: '/nowhere'}), {survives: false, remedy: 'systemd-run'});

	await mkdir(join(root, 'etc/systemd/logind.conf.d'));
	await writeFile(join(root, 'etc/systemd/logind.conf.d/50-keep.conf'), '[Login]\nKillUserProcesses=no\nRemoveIPC=no\n');
	t.like(await facts(), {kills: false, survives: true, launcher: [], removesFiles: false});
	t.like(await readLogoutFacts({root: await fixture(t, {}), user: 'ana', uid: 1000, basePath: '/bin'}), {systemd: false, kills: false, survives: true});
});

test('logind.conf: a commented default counts until something sets it; users can be named', t => {
	t.false(parseLogind(['[Login]\n']).killUserProcesses);
	t.true(parseLogind(['#KillUserProcesses=yes\n']).killUserProcesses);
	t.false(parseLogind(['#KillUserProcesses=yes\n', 'KillUserProcesses=no']).killUserProcesses);
	t.true(parseLogind(['KillUserProcesses = yes \n#KillUserProcesses=no']).killUserProcesses);
	t.deepEqual(parseLogind(['KillOnlyUsers=ana bia\nKillExcludeUsers=\n']), {killUserProcesses: false, only: ['ana', 'bia'], excluded: [], removeIpc: true});
});

test('a run is started through the launcher that logout asks for', async t => {
	const root = await fixture(t, {
		'run/systemd/system/x': '', 'var/lib/systemd/linger/ana': '', 'etc/systemd/logind.conf': 'KillUserProcesses=yes\nKillExcludeUsers=\n',
		// Stands in for systemd-run: notes its words and becomes the command, as `--scope` does.
		'bin/systemd-run': '#!/usr/bin/bash\necho "$@" > "${0%/bin/*}/words"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n',
	});
	await chmod(join(root, 'bin/systemd-run'), 0o755);
	const port = createCommandsPort({
		clock, runtimeDirectories: [join(root, 'runtime')], dockerHost: () => null, basePath: `${root}/bin:/usr/bin:/bin`, home: '/root', user: 'ana', systemRoot: root,
	});
	const started = await port.start({
		id: 'scoped', project: 'shop', action: 'a', lock: 'l', script: 'echo through', directory: '/', environment: {}, deadlineMs: 1000, hardLimitMs: 10_000, actor: 'ana',
	});
	t.true(started.ok);
	const text = await new Promise<string>(resolve => {
		let all = '';
		port.follow('scoped', ({rawText}) => {
			all += rawText;
		}, () => {
			resolve(all);
		});
	});
	t.is(text, 'through\n');
	t.regex(await readFile(join(root, 'words'), 'utf8'), /--scope --quiet --collect --no-ask-password -- bash /);
	t.like(await port.survivesLogout(), {ok: true, value: {kills: true, survives: true}});
});
