import test from 'ava';
import fc from 'fast-check';
import xterm from '@xterm/headless';
import {tighten} from '../../source/adapters/terminal/tighten.ts';

const size = {cols: 40, rows: 12};

/** Every cell with its style, after the bytes went through an emulator. */
const drawn = async (bytes: string): Promise<string> => {
	const terminal = new xterm.Terminal({...size, allowProposedApi: true});
	await new Promise<void>(resolve => {
		terminal.write(bytes, resolve);
	});
	const cells: string[] = [];
	for (let row = 0; row < size.rows; row++) {
		for (let column = 0; column < size.cols; column++) {
			const cell = terminal.buffer.active.getLine(row)?.getCell(column);
			cells.push(`${cell?.getChars() || ' '}${cell?.isBold() ?? 0},${cell?.isDim() ?? 0},${cell?.isInverse() ?? 0},${cell?.getFgColor() ?? 0},${cell?.getBgColor() ?? 0}`);
		}
	}

	cells.push(`${terminal.buffer.active.cursorX},${terminal.buffer.active.cursorY}`);
	terminal.dispose();
	return cells.join('|');
};

test('steps over unchanged rows become one', t => {
	t.is(tighten('\u001B[39A\u001B[E\u001B[E\u001B[E\u001B[16Gx\r\n\u001B[E'), '\u001B[39A\u001B[3E\u001B[16Gx\r\n\u001B[E');
});

test('styles switched on and off before a resumed row are left out, those that hold stay', t => {
	t.is(tighten('\u001B[16G\u001B[K\u001B[2m\u001B[22m\u001B[36m\u001B[39m\u001B[2mx\u001B[22m'), '\u001B[16G\u001B[K\u001B[2mx\u001B[22m');
	t.is(tighten('\u001B[5G\u001B[K\u001B[1m\u001B[31m\u001B[39m\u001B[32my'), '\u001B[5G\u001B[K\u001B[1;32my');
	t.is(tighten('\u001B[5G\u001B[K\u001B[38;5;200m\u001B[1mz'), '\u001B[5G\u001B[K\u001B[38;5;200m\u001B[1mz');
});

test('a tightened frame draws the same cells in the same style and leaves the cursor at the same place', async t => {
	const code = fc.constantFrom('0', '1', '2', '7', '22', '27', '31', '32', '39', '44', '49', '1;36', '90', '38;5;100');
	const row = fc.oneof(
		fc.constant('\u001B[E'),
		fc.record({column: fc.integer({min: 1, max: 30}), codes: fc.array(code, {maxLength: 8}), text: fc.constantFrom('x', 'ação', '▁▂▃', 'a b')})
			.map(({column, codes, text}) => `\u001B[${column}G\u001B[K${codes.map(one => `\u001B[${one}m`).join('')}${text}\u001B[0m\r\n`),
	);
	await fc.assert(fc.asyncProperty(fc.array(row, {maxLength: 10}), async rows => {
		const frame = `\u001B[H${rows.join('')}`;
		return await drawn(frame) === await drawn(tighten(frame)) && tighten(frame).length <= frame.length;
	}), {numRuns: 300});
	t.pass();
});
