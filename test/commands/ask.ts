/** A question of a command, on a real terminal. */
import path from 'node:path';
import {needs} from '../helpers/needs.ts';
import {openTerminal} from '../helpers/terminal.ts';

const onTerminal = needs('pty');
const root = path.join(import.meta.dirname, '..', '..');

for (const [title, keys, told] of [
	['an answer is told without the spaces around it', [' ', 'y', ' ', 'enter'], '"y"'],
	['Ctrl-C at a question is no answer, and no crash', ['y', 'ctrl-c'], 'null'],
	['Ctrl-D at a question is no answer, and no crash', ['ctrl-d'], 'null'],
] as const) {
	onTerminal(title, async t => {
		const terminal = await openTerminal(process.execPath, ['--import=tsx', path.join('test', 'fixtures', 'ask-line.ts')], {columns: 80, rows: 24, directory: root});
		t.teardown(async () => terminal.close());
		await terminal.until('Run it?');
		await terminal.press(...keys);
		t.is((await terminal.exited).exitCode, 0);
		t.true(terminal.screen().includes(`told: ${told}`), terminal.screen());
	});
}
