/** Logs of real containers that mean harm, come too fast, or go on in another container. */
import test from 'ava';
import {openRealConsole} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
let shared: Promise<Stack> | null = null;

const healthyStack = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	stack.fault('api', null);
	await stack.waitHealthy();
	return stack;
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
});

real('a log full of control sequences, bidirectional marks and broken UTF-8 harms neither the screen nor the terminal', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● healthy/, 15_000);
	stack.fault('api', 'escapes');
	await terminal.until(/title.*clipboard.*bidi/s, 15_000);
	stack.fault('api', 'invalid-utf8');
	const screen = await terminal.until(/invalid .*bytes end/, 15_000);
	stack.fault('api', null);
	t.deepEqual(terminal.oscs().filter(osc => /owned|b3duZWQ/.test(osc)), []);
	t.is(terminal.bells(), 0);
	t.true(terminal.alternateScreen());
	t.false(/\u202E|\u009B/.test(terminal.received()));
	const rows = screen.split('\n');
	t.is(rows.length, 40);
	t.regex(rows[0]!, /healthy/);
	t.regex(rows[1]!, /^╭.*╮$/);
	t.regex(rows.at(-1)!, /\? help/);
	for (const row of rows.filter(line => /[│┃] title/.test(line))) {
		t.regex(row, /^│.*│$/);
	}
});

real('a line of a megabyte is cut with a mark, and a flood is counted while keys still answer', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● healthy/, 15_000);
	stack.fault('api', 'long-line');
	await terminal.until(/0123456789abcdef.*\n?/, 15_000);
	stack.fault('api', null);
	await terminal.press('w');
	await terminal.until(/cut/, 15_000);
	await terminal.press('w');
	stack.fault('api', 'flood 100000');
	await terminal.until(/lines skipped/, 20_000);
	for (let round = 0; round < 5; round++) {
		const pressedAtMs = performance.now();
		await terminal.press('?');
		await terminal.until(/Lower case, digits/, 3000);
		t.log(`help painted after ${Math.round(performance.now() - pressedAtMs)} ms`);
		await terminal.press('escape');
		await terminal.until(screen => !screen.includes('Lower case, digits'), 3000);
	}

	stack.fault('api', null);
	t.regex(await terminal.until(screen => /● api\s+200/.test(screen), 15_000), /lines skipped/);
});

real('a container that is recreated while it is followed loses no line and doubles none', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack, {rows: 220, columns: 100});
	await terminal.until(/● healthy/, 15_000);
	// The stream of lines begins anew in each container and each start: one to the last, without a hole. Few a second, so that all three fit the
	// screen even where the engine takes ten times as long as usual to replace a container.
	await stack.compose('up', '-d', '--no-build', '--no-deps', '--force-recreate', 'api');
	stack.fault('api', 'lines 4');
	await terminal.until(/flood line 8 /, 20_000);
	const first = await stack.containerId('api');
	await stack.compose('restart', '-t', '2', 'api');
	await terminal.until(/flood line \d+ [^]*flood line 6 [^]*flood line 6 /, 20_000);
	await stack.compose('up', '-d', '--no-build', '--no-deps', '--force-recreate', 'api');
	await terminal.until(screen => (screen.match(/flood line 4 /g)?.length ?? 0) >= 3, 20_000);
	stack.fault('api', null);
	await terminal.settled(600);
	const second = await stack.containerId('api');
	t.not(second, first);
	await terminal.press('&');
	await terminal.write('flood line');
	await terminal.press('enter', 'tab', 'tab', 'tab', 'tab', 'z');
	await terminal.settled(500);
	const numbers = (text: string): readonly number[] => [...text.matchAll(/flood line (\d+) /g)].map(([, number]) => Number(number));
	const told = numbers((await stack.docker('logs', second)).stdout);
	const shown = await until(() => {
		const all = numbers(terminal.screen());
		// What a flood of the test before left of the old container's log stands above.
		const seen = all.slice(all.findLastIndex(number => number > 5000) + 1);
		return seen.length > told.length && seen.at(-1) === told.at(-1) ? seen : null;
	}, {describe: () => terminal.screen()});
	// Each 1 begins a start; within a start every number follows the one before.
	const jumps = shown.slice(1).map((number, index) => [shown[index]!, number] as const).filter(([before, after]) => after !== before + 1);
	t.true(jumps.every(([, after]) => after === 1), JSON.stringify(jumps));
	t.is(jumps.length, 2, JSON.stringify(jumps));
	t.deepEqual(shown.slice(-told.length), [...told]);
});
