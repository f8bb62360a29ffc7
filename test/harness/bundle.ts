/** The bundler: what it makes runs alone, with every package that does not bundle by itself. */
import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import test from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('a bundle runs where no package is: charts, worker with SQLite, dockerode, ink, execa and yaml', async t => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-bundle-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	writeFileSync(path.join(directory, 'package.json'), '{"type": "module"}');
	const build = path.join(root, 'build/bundle.js');
	await run(process.execPath, ['--input-type=module', '-e', `
		import {bundleProgram} from ${JSON.stringify(build)};
		await bundleProgram({entry: 'test/fixtures/bundle-entry.ts', outputDirectory: ${JSON.stringify(path.join(directory, 'dist'))}});
	`]);
	const {stdout, stderr} = await run(process.execPath, [path.join(directory, 'dist/cli.js')], {cwd: directory, env: {PATH: process.env['PATH'], NODE_ENV: 'development'}});
	t.is(stderr, '');
	const answer = JSON.parse(stdout) as {readonly rows: readonly string[]; readonly [name: string]: unknown};
	t.is(answer.rows.length, 6);
	t.regex(answer.rows.join('\n'), /[⠁-⣿]/);
	t.like(answer, {worker: {two: 2}, engine: '1.2.3', yaml: {a: 1}, echoed: 'echoed', ink: true, mode: 'production'});
	t.regex(readFileSync(path.join(directory, 'dist/LICENSES.txt'), 'utf8'), /^blessed-contrib 4/m);
});
