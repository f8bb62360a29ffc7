/**
The pretend engine's log streams: history by tail, since or resume stamp, then what comes, in at most 8 batches a second. It wakes up
only when a line is due. A stream ends when its container stops (naturally) or when the engine goes away (with the reason).
*/

import type {Failure, LogRequest, LogsPort, RawLogLine, Stop} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import type {LogWindow} from './log-store.ts';
import type {World} from './world.ts';

const batchMs = 125;
const floodLinesPerSecond = 5000;
const mostPerBatch = floodLinesPerSecond * batchMs / 1000;

export const createLogsPort = (world: World): LogsPort => ({
	follow: (request, advanced, ended) => followLog(world, request, advanced, ended),
});

const followLog = (world: World, request: LogRequest, advanced: (lines: readonly RawLogLine[], skipped: number) => void, ended: (failure: Failure | null) => void): Stop => {
	const {timeline, logs} = world;
	const container = world.byId(request.containerId);
	let open = true;
	let cursor = 0;
	let waiting: {readonly at: number; readonly stop: Stop} | null = null;
	let unsubscribe: Stop = () => {/* nothing yet */};

	const stop = (): void => {
		open = false;
		waiting?.stop();
		unsubscribe();
	};

	const end = (failure: Failure | null): void => {
		if (open) {
			stop();
			ended(failure);
		}
	};

	const hand = (window: LogWindow): void => {
		if (open && (window.lines.length > 0 || window.skipped > 0)) {
			advanced(window.lines.map(line => logs.toRaw(line)), window.skipped);
		}
	};

	/** Lines up to, not including, `until`; a line written later in the same millisecond is not lost that way. */
	const advance = (until: number): void => {
		if (container !== null && until > cursor) {
			const from = cursor;
			cursor = until;
			hand(logs.between(container, from, until, mostPerBatch));
		}
	};

	const wake = (at: number): void => {
		const due = Math.max(at, timeline.now() + 1);
		if (open && (waiting === null || waiting.at > due)) {
			waiting?.stop();
			waiting = {
				at: due,
				stop: world.after(due - timeline.now(), () => {
					waiting = null;
					next();
				}),
			};
		}
	};

	let lastBatchAt = 0;
	const next = (): void => {
		const now = timeline.now();
		if (world.engine() === 'hung') {
			// Nothing comes; the note of the engine's return wakes us.
			return;
		}

		if (now - lastBatchAt >= batchMs) {
			lastBatchAt = now;
			advance(now);
		}

		plan();
	};

	const plan = (): void => {
		if (open && container !== null) {
			wake(Math.max(lastBatchAt + batchMs, logs.nextAt(container, cursor) + 1));
		}
	};

	const begin = (): void => {
		const failure = world.engineFailure();
		if (!open || failure !== null) {
			end(failure);
			return;
		}

		if (container === null) {
			end({code: 'not-found', detail: makeSafe(`No such container: ${request.containerId}`)});
			return;
		}

		const runs = container.pid !== 0;
		// Of what ended, also the last millisecond is told.
		cursor = timeline.now() + (runs && request.follow ? 0 : 1);
		lastBatchAt = timeline.now();
		hand({lines: historyOf(world, request, cursor), skipped: 0});
		if (!runs || !request.follow) {
			end(null);
			return;
		}

		unsubscribe = world.subscribe(note => {
			if (note.kind === 'written' && note.id === container.id) {
				wake(Math.max(lastBatchAt + batchMs, timeline.now() + 1));
			} else if (note.kind === 'stopped' && note.id === container.id) {
				advance(timeline.now() + 1);
				end(null);
			} else if (note.kind === 'engine' && world.engine() !== 'hung') {
				const broken = world.engineFailure();
				if (broken === null) {
					next();
				} else {
					end(broken);
				}
			}
		});
		plan();
	};

	void Promise.resolve().then(begin);
	return stop;
};

/** What the request asks to begin with. After a resume stamp everything is wanted, whatever the tail says: a gap would be lost lines. */
const historyOf = (world: World, request: LogRequest, until: number): LogWindow['lines'] => {
	const {timeline, logs} = world;
	const container = world.byId(request.containerId)!;
	const since = request.sinceMs === null ? container.logSince : Math.max(container.logSince, timeline.fromWall(request.sinceMs));
	const {after} = request;
	if (after === null) {
		return logs.last(container, request.tail, since, until).filter(line => request.sinceMs === null || timeline.toWall(line.at) >= request.sinceMs);
	}

	const lines = logs.last(container, Number.POSITIVE_INFINITY, Math.max(since, timeline.fromWall(Date.parse(`${after.stamp.slice(0, 23)}Z`))), until);
	let passed = 0;
	return lines.filter(line => {
		const {stamp} = logs.toRaw(line);
		if (stamp === after.stamp) {
			passed++;
			return passed > after.count;
		}

		return stamp > after.stamp;
	});
};
