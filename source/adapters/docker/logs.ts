/**
Container logs as the logs port: opens the stream, reads lines, filters what a resumed stream brings again, and batches.

Resuming asks for a short tail first. Only when that tail does not reach back to the resume point is everything since that point asked
for: the engine then reads the container's whole log, which on a sick host may be gigabytes.

Invariants: `ended` is told once and never after Stop, with all lines handed over before it; nothing is handed over twice.
*/

import type {Failure, LogRequest, LogsPort, RawLogLine} from '../../core/ports.ts';
import type {EngineClient} from './client.ts';
import {failure} from './failures.ts';
import {createLineReader} from './log-lines.ts';
import {createLogGate} from './log-gate.ts';
import {createLeaps, type ResumePoint} from './log-leaps.ts';
import {openRawStream} from './raw-stream.ts';
import {compareStamps, partsOf, sinceOfInstant, sinceOfStamp} from './stamp.ts';

const headDeadlineMs = 5000;
const resumeTail = 1000;
// Lines of the two streams are stamped by two writers and may stand slightly out of order in the log.
const disorderMs = 2000;

type Told = {
	readonly advanced: (lines: readonly RawLogLine[], skipped: number) => void;
	readonly flooding?: (linesPerSecond: number) => void;
	readonly ended: (failure: Failure | null) => void;
};

/** The logs port over one engine client, which stays the caller's to close. */
export const createLogsPort = (client: EngineClient): LogsPort => ({
	follow(request, advanced, ended) {
		let over = false;
		let stream: Stream | null = null;
		const stop = (): void => {
			over = true;
			forget();
			leaps.stop();
			stream?.stop();
		};

		const forget = client.onClose(stop);
		const told: Told = {
			advanced(lines, skipped) {
				if (!over) {
					const passed = leaps.passed(lines, skipped);
					advanced(lines, passed.skipped, passed.isEstimate);
				}
			},
			flooding(linesPerSecond) {
				if (!over && request.follow) {
					leaps.flooding(linesPerSecond);
				}
			},
			ended(why) {
				if (!over) {
					stop();
					ended(why);
				}
			},
		};

		let start = (_extent: Extent, _after: LogRequest['after'], _to: Told): void => undefined;
		const resumeAt = (point: ResumePoint, missed: () => void): void => {
			start({tail: String(resumeTail), since: null, missed}, point, told);
		};

		const leaps = createLeaps({
			clock: client.clock,
			leave() {
				stream?.leave();
			},
			look(point, count, looked) {
				const lines: RawLogLine[] = [];
				start({tail: String(count), since: null, missed: null}, point, {
					advanced(more) {
						lines.push(...more);
					},
					ended(why) {
						if (!over && why === null) {
							looked(lines);
						} else {
							told.ended(why);
						}
					},
				});
			},
			follow(point) {
				resumeAt(point, () => {
					leaps.torn();
					start({tail: String(resumeTail), since: null, missed: null}, point, told);
				});
			},
			deliver: advanced,
		});

		const open = async (): Promise<void> => {
			const endpoint = await client.endpoint();
			if (over) {
				return;
			}

			if (!endpoint.ok) {
				told.ended(endpoint.failure);
				return;
			}

			start = (extent, after, to) => {
				stream?.stop();
				stream = followOnce(client, endpoint.value, {...request, after, follow: request.follow && to === told}, extent, to);
			};

			const resume = request.after === null ? null : sinceOfStamp(request.after.stamp);
			if (resume === null) {
				start({tail: Number.isFinite(request.tail) ? String(Math.max(0, Math.floor(request.tail))) : 'all', since: request.sinceMs === null ? null : sinceOfInstant(request.sinceMs), missed: null}, request.after, told);
			} else {
				resumeAt(request.after!, () => {
					start({tail: 'all', since: resume, missed: null}, request.after, told);
				});
			}
		};

		void open();
		return stop;
	},
});

type Extent = {
	readonly tail: string;
	readonly since: string | null;
	/** Called instead of handing over when the first line lies behind the resume point: something in between may be missing. */
	readonly missed: (() => void) | null;
};

/** A stream under way. `leave` hands over what it still holds before it stops. */
type Stream = {stop(): void; leave(): void};

const followOnce = (client: EngineClient, endpoint: Parameters<typeof openRawStream>[0]['endpoint'], request: LogRequest, extent: Extent, told: Told): Stream => {
	const gate = createLogGate({
		clock: client.clock,
		...(told.flooding === undefined ? {} : {flooding: told.flooding}),
		deliver(lines, skipped) {
			if (lines.length > 0 || skipped > 0) {
				told.advanced(lines, skipped);
			}
		},
		wanted: createResumeFilter(request.after),
	});
	const covers = createCoverCheck(extent.missed === null ? null : request.after);
	let reader = createLineReader(request.tty, gate.line);

	let stopped = false;
	const stop = (): void => {
		stopped = true;
		gate.stop();
		stopStream();
	};

	const finish = (why: Failure | null): void => {
		stopped = true;
		// Half a line of a broken stream is left to the resumed one, which brings it whole.
		if (why === null) {
			reader.end();
		}

		gate.end();
		told.ended(why);
	};

	const query = new URLSearchParams({
		stdout: '1',
		stderr: '1',
		timestamps: '1',
		follow: request.follow ? '1' : '0',
		tail: extent.tail,
		...(extent.since !== null && {since: extent.since}),
	});
	const stopStream = openRawStream({
		endpoint,
		path: `/containers/${encodeURIComponent(request.containerId)}/logs?${query.toString()}`,
		userAgent: client.userAgent,
		clock: client.clock,
		headDeadlineMs,
		opened(contentType) {
			// Engines from API 1.42 on tell that they send frames; it counts for more than what the caller believes. Their word for
			// the other kind says nothing: older engines used it for both.
			if (contentType.includes('vnd.docker.multiplexed-stream')) {
				reader = createLineReader(false, gate.line);
			}
		},
		data(chunk, start, end) {
			if (stopped) {
				return false;
			}

			if (!covers(chunk, start, end, request.tty)) {
				stop();
				extent.missed?.();
				return false;
			}

			const trouble = reader.feed(chunk, start, end);
			if (trouble !== null) {
				stopStream();
				finish(failure(trouble === '' ? 'malformed' : 'failed', trouble === '' ? 'not a multiplexed log stream' : trouble));
			}

			return gate.flooded();
		},
		ended: finish,
	});
	return {
		stop,
		leave() {
			stopped = true;
			stopStream();
			gate.end();
		},
	};
};

/** Lets through what comes after the resume point; see `LogRequest.after`. */
const createResumeFilter = (after: LogRequest['after']): ((line: RawLogLine) => boolean) => {
	const parts = after === null ? null : partsOf(after.stamp);
	if (after === null || parts === null) {
		return () => true;
	}

	const settledMs = parts.secondMs + parts.nanoseconds / 1e6 + disorderMs;
	let toSkip = after.count;
	let settled = false;
	return line => {
		if (settled || line.stamp === '') {
			return true;
		}

		settled = line.atMs > settledMs;
		const order = compareStamps(line.stamp, after.stamp);
		if (order === 0 && toSkip > 0) {
			toSkip--;
			return false;
		}

		return order >= 0;
	};
};

/** Looks at the first bytes of a resumed stream: true when its first line is not behind the resume point. */
const createCoverCheck = (after: LogRequest['after']): ((chunk: Buffer, start: number, end: number, tty: boolean) => boolean) => {
	let looked = after === null;
	return (chunk, start, end, tty) => {
		if (looked || after === null) {
			return true;
		}

		looked = true;
		const from = tty || chunk[start]! > 3 ? start : start + 8;
		const stamp = chunk.toString('latin1', from, Math.min(end, from + 36)).split(' ')[0] ?? '';
		return partsOf(stamp) !== null && compareStamps(stamp, after.stamp) <= 0;
	};
};
