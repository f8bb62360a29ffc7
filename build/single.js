/*
Builds one executable for servers without Node: dist/single/mdc-console, a copy of the Node that runs this script with the
program inside (Node's single executable applications: a blob of assets, put into the binary by postject).

The main script of such an executable is CommonJS and cannot import files. So the built files of dist/ travel as assets, and
single-main.cjs teaches the module loader to find them there: the same chunks as in the package, still loaded on first use.
*/
import {execFile} from 'node:child_process';
import {chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {inject} from 'postject';
import {bundleProgram, root} from './bundle.js';

const run = promisify(execFile);
// Node looks for this word in its own binary: with `:1` behind it, the blob is used. Fixed by Node's documentation.
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Builds the executable from the entry (relative to the checkout) and answers with its path. */
export const buildSingle = async ({entry = 'source/cli.ts', outputDirectory = path.join(root, 'dist/single')} = {}) => {
	const work = path.join(outputDirectory, 'work');
	await rm(work, {recursive: true, force: true});
	await mkdir(work, {recursive: true});
	const {written} = await bundleProgram({entry, outputDirectory: path.join(work, 'dist')});
	const files = written.map(file => path.join(root, file));
	const assets = Object.fromEntries(files.map(file => [path.relative(path.join(work, 'dist'), file).replaceAll('\\', '/'), file]));

	const configuration = path.join(work, 'sea.json');
	const blob = path.join(work, 'program.blob');
	await writeFile(configuration, JSON.stringify({
		main: fileURLToPath(new URL('single-main.cjs', import.meta.url)),
		output: blob,
		disableExperimentalSEAWarning: true,
		useSnapshot: false,
		useCodeCache: false,
		assets,
	}));
	await run(process.execPath, ['--experimental-sea-config', configuration]);

	const unfinished = path.join(work, 'mdc-console');
	const executable = path.join(outputDirectory, 'mdc-console');
	await copyFile(process.execPath, unfinished);
	await chmod(unfinished, 0o755);
	await inject(unfinished, 'NODE_SEA_BLOB', await readFile(blob), {sentinelFuse: fuse});
	// Renamed over the old one, which may be running.
	await rename(unfinished, executable);
	await rm(work, {recursive: true});
	return executable;
};

const isMain = process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
	const startedAt = performance.now();
	const executable = await buildSingle();
	const {size} = await stat(executable);
	console.log(`${path.relative(process.cwd(), executable)}: ${(size / 1e6).toFixed(0)} MB, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}
