/* Builds, then runs the benchmark (test/bench/run.ts) with what follows `npm run bench --`. */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = parameters => spawnSync(process.execPath, parameters, {cwd: root, stdio: 'inherit'}).status ?? 1;

process.exitCode = run(['build/bundle.js']) || run(['--import=tsx', 'test/bench/run.ts', ...process.argv.slice(2)]);
