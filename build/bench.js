/* Builds, then runs the benchmark (test/bench/run.ts) with what follows `npm run bench --`; `npm run bench:faults` is the sweep of faults beside it. */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = parameters => spawnSync(process.execPath, parameters, {cwd: root, stdio: 'inherit'}).status ?? 1;

process.exitCode = run(['build/bundle.js']) || run(['--import=tsx', ...(process.argv[2] === '--faults' ? ['test/bench/faults.ts', ...process.argv.slice(3)] : ['test/bench/run.ts', ...process.argv.slice(2)])]);
