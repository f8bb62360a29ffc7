/** What the output of a run says beyond its lines. */

import test from 'ava';
import {RunBook} from '../../source/core/run-book.ts';

test('a command that asked something of a terminal is known by its last words, or by its text', t => {
	const wants = (output: string, script = 'x', hasFailed = true): boolean => {
		const book = new RunBook();
		book.append('run', output, 0);
		return book.wantedInput('run', script, hasFailed);
	};

	for (const output of [
		'WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ', 'Do you want to continue? [Y/n]\nAbort.\n', 'Password for user mestres: ', '[sudo] password for deploy: ', 'Deseja continuar? [S/n]\n',
		'Traceback\nEOFError: EOF when reading a line\n', 'the input device is not a TTY\n', 'Enter passphrase for key \'/home/deploy/.ssh/id\': ',
	]) {
		t.true(wants(output), output);
	}

	t.true(wants('', 'echo a\nread -r answer && [ "$answer" = y ]'));
	for (const output of ['done\n', 'ERROR: password authentication failed for user "x"\n', 'Creating api ... done\nready? yes\n']) {
		t.false(wants(output), output);
	}

	// Taken for a no, and ended well; but a question that was answered by an option is none.
	t.true(wants('Are you sure you want to continue? [y/N] ', 'docker container prune', false));
	t.false(wants('Continue? [y/N] y\nremoved 3\n', 'x', false));
	t.false(wants('', 'ps | while read -r line; do echo "$line"; done'));
	t.false(wants('x\n', 'cat readme; ./read-all.sh; redis-cli --read only'));
});
