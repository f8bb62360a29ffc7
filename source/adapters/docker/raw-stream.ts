/**
One endless GET over a connection of its own, read as raw bytes. Hides HTTP: head, chunked coding, errors.

Why not through the HTTP client: the engine sends every log line as an HTTP chunk of its own, and node:http makes an event and a buffer of
each, 4 µs a line (measured on 20.10: 50,000 lines a second would take a fifth of a core). Here a chunk is a few byte comparisons.

Invariants: `ended` is told once, never after Stop: null only for the proper end of the answer, so that a killed engine is told apart from a
log that is at its end; the head comes within its deadline; the ranges handed over are never changed afterwards.
*/

import {connect as connectPlain, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import type {Clock, Failure, Stop} from '../../core/ports.ts';
import type {Endpoint} from './endpoint.ts';
import {failureOfError, failureOfShape, failureOfSilence, failureOfStatus} from './failures.ts';

export type RawRequest = {
	readonly endpoint: Endpoint;
	/** With its query. */
	readonly path: string;
	readonly userAgent: string;
	readonly clock: Clock;
	readonly headDeadlineMs: number;
	/** The answer's head, status 2xx only; `contentType` in lower case. */
	readonly opened: (contentType: string) => void;
	/** Body bytes. True asks for a rest of some milliseconds, in which the next bytes gather. */
	readonly data: (chunk: Buffer, start: number, end: number) => boolean;
	readonly ended: (failure: Failure | null) => void;
};

const restMs = 8;
const headLimitBytes = 32 * 1024;
const refusalLimitBytes = 16 * 1024;

/** Opens the stream. */
export const openRawStream = (request: RawRequest): Stop => {
	const {endpoint, clock} = request;
	let over = false;
	let cancelRest: (() => void) | null = null;
	const socket = openSocket(endpoint);
	const reader = createAnswerReader(request);

	const stop = (): void => {
		over = true;
		cancelDeadline();
		cancelRest?.();
		socket.destroy();
	};

	const finish = (why: Failure | null): void => {
		if (!over) {
			stop();
			request.ended(why);
		}
	};

	const cancelDeadline = clock.after(request.headDeadlineMs, () => {
		finish(failureOfSilence(endpoint, request.headDeadlineMs));
	});
	socket.on('error', error => {
		finish(failureOfError(error, endpoint));
	});
	socket.on('close', () => {
		finish(reader.closed());
	});
	socket.on('data', (chunk: Buffer) => {
		const step = reader.feed(chunk);
		if (over) {
			return;
		}

		if (reader.headed()) {
			cancelDeadline();
		}

		if (step.kind === 'ended') {
			finish(step.failure);
		} else if (step.rest) {
			socket.pause();
			cancelRest = clock.after(restMs, () => {
				socket.resume();
			});
		}
	});
	socket.write(`GET ${request.path} HTTP/1.1\r\nHost: ${endpoint.kind === 'unix' ? 'docker' : endpoint.hostName}\r\nUser-Agent: ${request.userAgent}\r\nConnection: close\r\n\r\n`);
	return stop;
};

const openSocket = (endpoint: Endpoint): Socket => {
	if (endpoint.kind === 'unix') {
		return connectPlain({path: endpoint.socketPath});
	}

	const address = {host: endpoint.hostName, port: endpoint.port, keepAlive: true, keepAliveInitialDelay: 30_000};
	return endpoint.tls === null ? connectPlain(address) : connectTls({...address, ...endpoint.tls, servername: endpoint.hostName});
};

type Step = {readonly kind: 'more'; readonly rest: boolean} | {readonly kind: 'ended'; readonly failure: Failure | null};

type AnswerReader = {
	feed(chunk: Buffer): Step;
	headed(): boolean;
	/** What the end of the connection means now. */
	closed(): Failure | null;
};

const more: Step = {kind: 'more', rest: false};

const createAnswerReader = ({endpoint, opened, data}: RawRequest): AnswerReader => {
	let head: Head | null = null;
	let beforeHead: Buffer = Buffer.alloc(0);
	let refusal: Buffer = Buffer.alloc(0);
	let rest = false;
	const chunks = createChunkReader((chunk, start, end) => {
		if (head !== null && head.status >= 300) {
			refusal = Buffer.concat([refusal, chunk.subarray(start, end)]).subarray(0, refusalLimitBytes);
		} else {
			rest = data(chunk, start, end) || rest;
		}
	});

	const end = (): Failure | null => head !== null && head.status >= 300 ? failureOfStatus(head.status, refusal, endpoint) : null;

	const body = (chunk: Buffer, start: number): Step => {
		rest = false;
		const state = head!.chunked ? chunks.coded(chunk, start) : chunks.plain(chunk, start, head!.length);
		if (state === 'broken') {
			return {kind: 'ended', failure: failureOfShape('broken chunked coding', endpoint)};
		}

		return state === 'done' ? {kind: 'ended', failure: end()} : {kind: 'more', rest};
	};

	return {
		feed(chunk) {
			if (head !== null) {
				return body(chunk, 0);
			}

			const whole = Buffer.concat([beforeHead, chunk]);
			const at = whole.indexOf('\r\n\r\n');
			if (at === -1) {
				beforeHead = whole;
				return whole.length > headLimitBytes ? {kind: 'ended', failure: failureOfShape('no HTTP answer', endpoint)} : more;
			}

			head = parseHead(whole.toString('latin1', 0, at));
			if (head === null) {
				return {kind: 'ended', failure: failureOfShape('no HTTP answer', endpoint)};
			}

			if (head.status < 300) {
				opened(head.contentType);
			}

			return head.length === 0 ? {kind: 'ended', failure: end()} : body(whole, at + 4);
		},
		headed: () => head !== null,
		closed() {
			if (head !== null && !head.chunked && head.length === null) {
				return end();
			}

			return {...failureOfShape('the stream was cut off', endpoint), code: 'failed'};
		},
	};
};

type Head = {readonly status: number; readonly chunked: boolean; readonly length: number | null; readonly contentType: string};

const parseHead = (text: string): Head | null => {
	const [first = '', ...lines] = text.split('\r\n');
	const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
	if (status === undefined) {
		return null;
	}

	const headers = new Map(lines.map(line => {
		const colon = line.indexOf(':');
		return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim().toLowerCase()];
	}));
	const chunked = headers.get('transfer-encoding')?.includes('chunked') === true;
	const length = chunked ? Number.NaN : Number.parseInt(headers.get('content-length') ?? '', 10);
	return {status: Number(status), chunked, length: Number.isNaN(length) ? null : length, contentType: headers.get('content-type') ?? ''};
};

type BodyState = 'more' | 'done' | 'broken';

type ChunkReader = {
	coded(buffer: Buffer, start: number): BodyState;
	plain(buffer: Buffer, start: number, length: number | null): BodyState;
};

/** Undoes chunked coding (RFC 9112, 7.1) without copying: sizes, extensions and trailers may be cut anywhere. */
const createChunkReader = (take: (buffer: Buffer, start: number, end: number) => void): ChunkReader => {
	let remaining = 0;
	let size = 0;
	let digits = 0;
	let state: 'size' | 'extension' | 'body' | 'break' | 'trailer' = 'size';
	let trailerBytes = 0;
	let plainBytes = 0;

	return {
		coded(buffer, start) {
			let at = start;
			while (at < buffer.length) {
				if (state === 'body') {
					const end = Math.min(buffer.length, at + remaining);
					take(buffer, at, end);
					remaining -= end - at;
					at = end;
					if (remaining === 0) {
						state = 'break';
					}

					continue;
				}

				const byte = buffer[at++]!;
				if (state === 'break') {
					if (byte === 0x0A) {
						state = 'size';
						size = 0;
						digits = 0;
					} else if (byte !== 0x0D) {
						return 'broken';
					}
				} else if (state === 'trailer') {
					// An empty line ends the answer; trailers before it are passed over.
					if (byte === 0x0A) {
						if (trailerBytes === 0) {
							return 'done';
						}

						trailerBytes = 0;
					} else if (byte !== 0x0D) {
						trailerBytes++;
					}
				} else if (byte === 0x0A) {
					if (digits === 0) {
						return 'broken';
					}

					remaining = size;
					state = size === 0 ? 'trailer' : 'body';
				} else if (state === 'size') {
					const digit = hexDigit(byte);
					if (digit >= 0 && digits < 8) {
						size = size * 16 + digit;
						digits++;
					} else if (byte === 0x3B || byte === 0x20 || byte === 0x0D) {
						state = 'extension';
					} else {
						return 'broken';
					}
				}
			}

			return 'more';
		},
		plain(buffer, start, length) {
			const end = length === null ? buffer.length : Math.min(buffer.length, start + length - plainBytes);
			if (end > start) {
				take(buffer, start, end);
				plainBytes += end - start;
			}

			return length !== null && plainBytes >= length ? 'done' : 'more';
		},
	};
};

const hexDigit = (byte: number): number => {
	if (byte >= 0x30 && byte <= 0x39) {
		return byte - 0x30;
	}

	const lower = byte | 0x20;
	return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
};
