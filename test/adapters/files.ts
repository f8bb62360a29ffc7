import {spawnSync} from 'node:child_process';
import {chmod, lstat, mkdir, mkdtemp, opendir, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createFilesPort} from '../../source/adapters/files.ts';
import {readBackups, type BackupReader} from '../../source/adapters/files/backups.ts';
import type {ComposeFileFacts, Failure, Outcome} from '../../source/core/ports.ts';
import {realClock} from '../helpers/real-clock.ts';
import {starvedClock} from '../helpers/starved-clock.ts';

const tree = async (t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-files-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	for (const [name, text] of Object.entries(files)) {
		await writeFile(join(directory, name), text);
	}

	return directory;
};

const factsOf = (outcome: Outcome<ComposeFileFacts>): ComposeFileFacts => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const failureOf = (outcome: Outcome<ComposeFileFacts>): Failure => {
	if (outcome.ok) {
		throw new Error('it should have failed');
	}

	return outcome.failure;
};

const read = async (t: ExecutionContext, files: Readonly<Record<string, string>>, names: readonly string[] = []): Promise<Outcome<ComposeFileFacts>> =>
	createFilesPort({clock: realClock}).composeFiles(await tree(t, files), names);

test('a compose file tells its services with image, dependencies in both forms, replicas and profiles', async t => {
	const facts = factsOf(await read(t, {'docker-compose.yml': `
version: '3.8'
name: shop
x-common: &common
  image: python:3
services:
  api:
    <<: *common
    depends_on:
      db: {condition: service_healthy}
      redis:
        condition: service_started
    deploy: {replicas: 3}
  db: {image: 'postgres:15'}
  redis: {image: redis, scale: 2}
  worker:
    build: .
    depends_on: [api, db]
    profiles: [jobs, night]
  bare:
include: [other.yml]
`}));
	t.deepEqual(facts, {
		name: 'shop',
		services: [
			{name: 'api', image: 'python:3', dependsOn: ['db', 'redis'], replicas: 3, profiles: []},
			{name: 'db', image: 'postgres:15', dependsOn: [], replicas: 1, profiles: []},
			{name: 'redis', image: 'redis', dependsOn: [], replicas: 2, profiles: []},
			{name: 'worker', image: null, dependsOn: ['api', 'db'], replicas: 1, profiles: ['jobs', 'night']},
			{name: 'bare', image: null, dependsOn: [], replicas: 1, profiles: []},
		],
	} as unknown as ComposeFileFacts);
});

test('the default names are looked for in the order of compose, with one override', async t => {
	const facts = factsOf(await read(t, {
		'docker-compose.yml': 'services: {old: {image: a}}',
		'compose.yml': 'services: {api: {image: a, depends_on: [db]}, db: {image: b}}',
		'docker-compose.override.yml': 'services: {api: {image: c, depends_on: {cache: {}}}, cache: {}}',
	}));
	t.deepEqual(facts.services.map(service => service.name), ['api', 'db', 'cache']);
	t.is(facts.services[0]!.image, 'c');
	t.deepEqual(facts.services[0]!.dependsOn, ['db', 'cache']);
});

test('named files are merged in their order, and no override is added', async t => {
	const facts = factsOf(await read(t, {
		'one.yml': 'name: one\nservices: {api: {image: a, scale: 2}}',
		'two.yml': 'name: two\nservices: {api: {image: !override b, ports: !reset []}}',
		'compose.override.yml': 'services: {extra: {}}',
	}, ['one.yml', 'two.yml']));
	t.is(facts.name, 'two');
	t.deepEqual(facts.services, [{name: 'api', image: 'b', dependsOn: [], replicas: 2, profiles: []}] as unknown as ComposeFileFacts['services']);
});

test('the project name of .env goes before the one of the file, as in compose, and its variables fill names and images', async t => {
	const files = {'compose.yaml': 'name: fromfile\nservices: {api: {image: "shop:${TAG:-latest}-${ARCH-x}-$$-${MISSING}"}}'};
	t.is(factsOf(await read(t, files)).name, 'fromfile');
	const facts = factsOf(await read(t, {...files, '.env': '# comment\nexport COMPOSE_PROJECT_NAME="shop"\nTAG=1.2 # the release\n'}));
	t.is(facts.name, 'shop');
	t.is(facts.services[0]!.image, 'shop:1.2-x-$-${MISSING}' as never);
	t.is(factsOf(await read(t, {'compose.yaml': 'services: {}', '.env': 'OTHER=1'})).name, null);
});

test('a directory without a compose file names every path that was looked at', async t => {
	const directory = await tree(t, {});
	const failure = failureOf(await createFilesPort({clock: realClock}).composeFiles(directory, []));
	t.is(failure.code, 'not-found');
	for (const name of ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']) {
		t.true(failure.detail.includes(join(directory, name)));
	}

	const named = failureOf(await createFilesPort({clock: realClock}).composeFiles(directory, ['prod.yml']));
	t.is(named.code, 'not-found');
	t.is(named.detail, join(directory, 'prod.yml') as never);
	t.is(failureOf(await createFilesPort({clock: realClock}).composeFiles(join(directory, 'gone'), [])).code, 'not-found');
});

test('an error in a file is told with its line and column', async t => {
	const syntax = failureOf(await read(t, {'compose.yml': 'services:\n  api:\n    image: "a\n  db: {image: b\n'}));
	t.is(syntax.code, 'malformed');
	t.true(Number(syntax.params!['line']) >= 3);
	t.true(Number(syntax.params!['column']) >= 1);

	const list = failureOf(await read(t, {'compose.yml': 'version: "3"\nservices:\n  - api\n'}));
	t.is(list.code, 'malformed');
	t.is(list.params!['line'], 3);
	t.is(failureOf(await read(t, {'compose.yml': '- a\n- b\n'})).code, 'malformed');
});

test('aliases that would blow up are refused', async t => {
	const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => `${name}: &${name} [${Array.from({length: 9}, () => `*${'abcdef'[index]}`).join(', ')}]`), 'services: {}'];
	t.is(failureOf(await read(t, {'compose.yml': bomb.join('\n')})).code, 'malformed');
});

test('control characters in a file do not come through', async t => {
	const facts = factsOf(await read(t, {'compose.yml': 'services: {"a\\e[2J": {image: "b\\e]52;c;aGk=\\a", depends_on: ["\\u202ec"]}}'}));
	t.deepEqual(facts.services, [{name: 'a', image: 'b', dependsOn: ['c'], replicas: 1, profiles: []}] as unknown as ComposeFileFacts['services']);
});

test('an empty file has no services', async t => {
	t.deepEqual(factsOf(await read(t, {'compose.yml': ''})), {name: null, services: []});
	t.deepEqual(factsOf(await read(t, {'compose.yml': 'services:\n'})), {name: null, services: []});
});

test('a file above 1 MB is not read', async t => {
	const failure = failureOf(await read(t, {'compose.yml': `# ${'x'.repeat(1_100_000)}\nservices: {}\n`}));
	t.is(failure.code, 'unsupported');
	t.true(Number(failure.params!['sizeBytes']) > 1_048_576);
});

test('a FIFO in place of the file does not hold the caller', async t => {
	const directory = await tree(t, {});
	spawnSync('mkfifo', [join(directory, 'compose.yaml')]);
	t.is(failureOf(await createFilesPort({clock: realClock}).composeFiles(directory, [])).code, 'unsupported');
});

test('a file system that does not answer ends at the deadline', async t => {
	const failure = failureOf(await createFilesPort({deadlineMs: 0, clock: {...realClock, monotonicMs: () => 0}}).composeFiles(await tree(t, {'compose.yml': `services:\n${'  a: {}\n'.repeat(1)}`}), []));
	t.is(failure.code, 'timed-out');
});

test('a program that was starved does not take the file system for silent', async t => {
	t.is(factsOf(await createFilesPort({clock: starvedClock()}).composeFiles(await tree(t, {'compose.yml': 'services:\n  a: {}\n'}), [])).services[0]?.name, 'a');
});

test.serial('a file that may not be read is told as denied', async t => {
	const directory = await tree(t, {'compose.yml': 'services: {}'});
	await chmod(directory, 0o755);
	await chmod(join(directory, 'compose.yml'), 0);
	const asRoot = process.geteuid?.() === 0;
	if (asRoot) {
		// Root may read everything: for once be nobody.
		process.seteuid!(65_534);
	}

	try {
		const failure = failureOf(await createFilesPort({clock: realClock}).composeFiles(directory, []));
		t.is(failure.code, 'denied');
		t.is(failure.params!['path'], join(directory, 'compose.yml'));
	} finally {
		if (asRoot) {
			process.seteuid!(0);
		}
	}
});

test('backups are told by name, size and time, newest first, a directory a day along; what is half written is not', async t => {
	const directory = await tree(t, {'shop-1.sql.gz': 'x'.repeat(300), 'shop-2.sql.gz.part': 'x', '.hidden': 'x', 'old.tar': 'y', 'notes.txt': 'y', 'shop-1.sql.gz.md5': 'y', 'SUCCESS': ''});
	await mkdir(join(directory, '2026-01-18'));
	await writeFile(join(directory, '2026-01-18/base.tar'), 'z');
	await utimes(join(directory, 'shop-1.sql.gz'), 1000, 1000);
	await utimes(join(directory, 'old.tar'), 500, 500);
	const port = createFilesPort({clock: realClock});
	const all = await port.backups(directory, '');
	t.deepEqual(all.ok && all.value.files.map(({name, bytes}) => [name, bytes]), [['2026-01-18/base.tar', 1], ['shop-1.sql.gz', 300], ['old.tar', 1]] as never);
	const own = await port.backups(directory, 'shop-');
	t.deepEqual(own.ok && own.value.files.map(({name, atMs}) => [name, atMs]), [['shop-1.sql.gz', 1_000_000]] as never);
	const none = await port.backups(join(directory, 'nowhere'), '');
	t.is(none.ok ? '' : none.failure.code, 'not-found');
});

test('one entry that is gone or not for us does not hide the other backups; the directory itself does', async t => {
	const directory = await tree(t, {'a.tar': 'a', 'b.tar': 'b', 'c.tar': 'c'});
	for (const name of ['lost+found', 'nightly', 'open']) {
		await mkdir(join(directory, name));
		await writeFile(join(directory, name, 'd.tar'), 'd');
	}

	const thrown = (code: string): Error => Object.assign(new Error(code), {code});
	const refusing = (path: string, code: string, entriesRead = 100): BackupReader => ({
		entriesRead,
		async entries(wanted) {
			if (wanted === path) {
				throw thrown(code);
			}

			return opendir(wanted);
		},
		async facts(wanted) {
			if (wanted === path) {
				throw thrown(code);
			}

			return lstat(wanted);
		},
	});
	const told = async (reader: BackupReader): Promise<unknown> => {
		const answer = await readBackups(directory, '', reader);
		return answer.ok && [answer.value.files.map(({name}) => String(name)).toSorted(), answer.value.isPartial];
	};

	t.deepEqual(await told(refusing(join(directory, 'b.tar'), 'ENOENT')), [['a.tar', 'c.tar', 'nightly/d.tar', 'open/d.tar'], false]);
	t.deepEqual(await told(refusing(join(directory, 'b.tar'), 'EACCES')), [['a.tar', 'c.tar', 'nightly/d.tar', 'open/d.tar'], true]);
	t.deepEqual(await told(refusing(join(directory, 'nightly'), 'EPERM')), [['a.tar', 'b.tar', 'c.tar', 'open/d.tar'], true]);
	t.deepEqual(await told(refusing(join(directory, 'lost+found'), 'EACCES')), [['a.tar', 'b.tar', 'c.tar', 'nightly/d.tar', 'open/d.tar'], false]);
	await t.throwsAsync(told(refusing(directory, 'EACCES')), {message: 'EACCES'});
	await t.throwsAsync(told(refusing(join(directory, 'b.tar'), 'EIO')), {message: 'EIO'});
	t.like(await readBackups(directory, '', refusing('', '', 3)), {value: {isPartial: true}});
});
