/**
Child processes on a host that may have nothing more to give. It hides that Node tells half of what keeps a child from being started by `error` on a later tick
(EACCES, EAGAIN, EMFILE, ENFILE, ENOENT) and throws the other half (ENOMEM, E2BIG and every other), and that a child it had no file descriptors for has no pipes:
here all of it is an answer.
*/

import {execFile, type ChildProcess, type ExecFileException, type ExecFileOptions} from 'node:child_process';

export type Started<Child> =
	| {readonly ok: true; readonly child: Child}
	| {readonly ok: false; readonly error: NodeJS.ErrnoException};

/** Starts what `start` spawns; never rejects. A child that is given back runs, and no event of it has passed yet. */
export const startChild = async <Child extends ChildProcess>(start: () => Child): Promise<Started<Child>> => new Promise(resolve => {
	try {
		const child = start();
		if (child.pid === undefined) {
			child.once('error', error => {
				resolve({ok: false, error});
			});
		} else {
			resolve({ok: true, child});
		}
	} catch (error) {
		resolve({ok: false, error: error as NodeJS.ErrnoException});
	}
});

export type Ran = {readonly error: ExecFileException | null; readonly stdout: string; readonly stderr: string};

/** Runs a program to its end as `execFile` does; never rejects: what kept it from being started is an error as any other. */
export const runProgram = async (program: string, words: readonly string[], options: ExecFileOptions): Promise<Ran> => new Promise(resolve => {
	try {
		execFile(program, words, {...options, encoding: 'utf8'}, (error, stdout, stderr) => {
			resolve({error, stdout, stderr});
		});
	} catch (error) {
		resolve({error: error as ExecFileException, stdout: '', stderr: ''});
	}
});
