/** Heap of the whole program without a terminal: 2,000 updates on the simulator, every one painted into a stream that takes everything. */

import {PassThrough} from 'node:stream';
import {openScreen} from '../../source/ui/render.tsx';
import {createChartsPort} from '../../source/adapters/charts.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const {clock, open} = drillConsole({scenario: 'healthy'});
const incidentConsole = open();
const stdout = Object.assign(new PassThrough(), {columns: 120, rows: 40, isTTY: true});
stdout.resume();
const stdin = Object.assign(new PassThrough(), {isTTY: true, setRawMode: () => stdin, ref: () => stdin, unref: () => stdin});
let frames = 0;
const screen = openScreen({
	store: incidentConsole.store, stdout: stdout as never, stdin: stdin as never, language: 'en', timeZone: 'UTC', theme: {unicode: true, colour: true}, charts: createChartsPort(), clock,
	onPainted() {
		frames++;
	},
});

const collected = (): number => {
	globalThis.gc?.();
	globalThis.gc?.();
	return process.memoryUsage().heapUsed / 1_048_576;
};

const update = async (count: number): Promise<void> => {
	for (let index = 0; index < count; index++) {
		await clock.advance(1000);
		incidentConsole.press(index % 2 === 0 ? 'tab' : 'j');
	}
};

// The rings fill first: their bounds are not a leak.
await update(6000);
const before = collected();
const framesBefore = frames;
await update(2000);
const after = collected();
process.stdout.write(`${before.toFixed(1)} → ${after.toFixed(1)} MiB after ${frames - framesBefore} frames\n`);
screen.close();
process.exit(0);
