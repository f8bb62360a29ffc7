/** What reading a runbook costs, as the program does it: bundled and minified, in a process of its own. */

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {pluginsFor} from '../../build/plugins.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type ReadingCost = {readonly bytes: number; readonly times: readonly number[]};

/** Milliseconds of CPU for each reading of a page, of the page repeated to 200 kB, and of 200 kB in which no command comes twice. */
export const readingCosts = async (page: string): Promise<Readonly<Record<'original' | 'repeated' | 'varied', ReadingCost>>> => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-bench-'));
	try {
		const outfile = path.join(directory, 'reading.mjs');
		await build({
			absWorkingDir: root, entryPoints: ['test/bench/runbook-reading.ts'], outfile, bundle: true, minify: true, keepNames: true, format: 'esm', platform: 'node', target: 'node24', logLevel: 'warning',
			define: {'process.env.NODE_ENV': '"production"'}, plugins: pluginsFor(async () => ''), banner: {js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);'},
		});
		return JSON.parse(execFileSync(process.execPath, [outfile, page], {encoding: 'utf8', env: {...process.env, NODE_ENV: 'production'}})) as Awaited<ReturnType<typeof readingCosts>>;
	} finally {
		rmSync(directory, {recursive: true, force: true});
	}
};
