/**
The log book: bounded rings of log lines, one for each container, mutable, with a revision. It is the bulk that stays out of the
reducer: an immutable append to a 5,000-line ring does 37,000 lines a second on a whole core.

It hides the merge by time, the bounds in lines and bytes, levels, the folding of health lines and the marks for what was skipped.
Positions are stable: a view is anchored at a line, so that nothing jumps while new lines come.
*/

import type {RawLogLine} from './ports.ts';
import {LineRedactor, redact} from './redaction.ts';
import {ownText, type SafeText} from './text.ts';

export type LogLevel = 'error' | 'warning' | 'info';

/** Where a line stands in the merged order: by time, then by arrival. */
export type LogPosition = {readonly atMs: number; readonly order: number};

export type LogLine = LogPosition & {
	readonly service: string;
	readonly containerId: string;
	readonly stream: 'out' | 'err';
	readonly text: SafeText;
	/** Bytes cut from the end of this line because it was too long. */
	readonly cutBytes: number;
	/** `skipped`: `count` lines were dropped here in a flood. `began`: another container of the service begins here. */
	readonly kind: 'line' | 'skipped' | 'began';
	readonly count: number;
	/** Of a `skipped` one: `count` was estimated, not counted. */
	readonly isEstimate?: boolean;
	readonly health: boolean;
	/** Worked out on first need. */
	level: LogLevel | null;
};

/** What a view wants to see. `services` null means all. Patterns are checked by `compilePattern`. */
export type LogQuery = {
	readonly services: ReadonlySet<string> | null;
	readonly sinceMs: number | null;
	readonly filterIn: RegExp | null;
	readonly filterOut: RegExp | null;
	readonly showHealth: boolean;
};

export const everything: LogQuery = {services: null, sinceMs: null, filterIn: null, filterOut: null, showHealth: true};

const linesKept = 5000;
const bytesKept = 4 * 1024 * 1024;
const ringsKept = 200;
const textKept = 4096;
const cutMargin = 1024;

type Ring = {
	readonly containerId: string;
	readonly service: string;
	lines: LogLine[];
	/** Index of the first live line in `lines`: dropping from the front is a step, compaction happens now and then. */
	head: number;
	bytes: number;
	alive: boolean;
	lastStamp: string;
	lastStampCount: number;
	skipped: number;
	/** Whether some of `skipped` was estimated, not counted. */
	isEstimate: boolean;
	received: number;
	healthLines: number;
	/** Lines ever that are no health lines, skipped ones included. */
	visible: number;
	readonly redactor: LineRedactor;
};

const errorWords = /\b(?:FATAL|PANIC|CRITICAL|ERROR|SEVERE|Traceback|[A-Z]\w*(?:Error|Exception)|ERRO|FALHA)\b|\[(?:emerg|alert|crit|error)\]|" 5\d\d |OOM|Out of memory|"level":"(?:error|fatal)"|\blevel=(?:error|fatal)\b/;
const warningWords = /\b(?:WARN|WARNING|AVISO)\b|\[warn\]|" 4\d\d |"level":"warn|\blevel=warn/;
const nestedInfo = /^\S* ?\[?\d{4}.{0,40}\[(?:INFO|DEBUG)\]/;

/** The level of a log line by the words that the usual programs write; `info` when nothing says otherwise. */
export const levelOf = (text: string): LogLevel => {
	if (errorWords.test(text)) {
		return nestedInfo.test(text) ? 'info' : 'error';
	}

	return warningWords.test(text) ? 'warning' : 'info';
};

/** A pattern as the operator typed it: a regular expression, case-insensitive unless it has an upper-case letter (as in less -i). */
export const compilePattern = (typed: string): RegExp | null => {
	if (typed === '') {
		return null;
	}

	try {
		return new RegExp(typed, /\p{Lu}/u.test(typed) ? 'u' : 'iu');
	} catch {
		// Half-typed or plain text such as "[error": searched as it stands.
		return new RegExp(typed.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`), 'i');
	}
};

const isBefore = (a: LogPosition, b: LogPosition): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class LogBook {
	/** Rises with every change; a pane that read at this revision need not read again. */
	revision = 0;
	#order = 0;
	readonly #rings = new Map<string, Ring>();
	#healthPattern: RegExp;
	readonly #userAgent: string;
	readonly #redact: (text: SafeText) => SafeText;

	/** `redactText` takes the secrets out of each line before it is kept. */
	constructor(userAgent: string, redactText: (text: SafeText) => SafeText = redact) {
		this.#redact = redactText;
		// Pings of another version of ours, from a console opened before, are pings all the same.
		this.#userAgent = userAgent.replace(/[^/]*$/, '');
		this.#healthPattern = new RegExp(escapePattern(this.#userAgent));
	}

	/** Which request paths are health checks' own: their access-log lines are folded when they come from this machine's checkers. */
	setHealthPaths(paths: readonly string[]): void {
		const alternatives = paths.filter(path => path.length > 1).map(path => escapePattern(path));
		const checkers = '(?:curl|Wget|kube-probe|GoogleHC|Docker|busybox|python-requests|"-"$)';
		this.#healthPattern = new RegExp([escapePattern(this.#userAgent), ...(alternatives.length === 0 ? [] : [`(?:GET|HEAD) (?:${alternatives.join('|')})[ ?"].*${checkers}`])].join('|'), 'i');
	}

	/**
	Adds lines of one container, in their order, after `skipped` lines that a flood made the source drop (about that many, with `isEstimate`).
	Lines become safe and are cut at 4 kB here; the bounds are 5,000 lines and 4 MB for each container.
	*/
	append(service: string, containerId: string, lines: readonly RawLogLine[], skipped: number, isEstimate = false): void {
		const ring = this.#ring(service, containerId);
		if (skipped > 0) {
			const atMs = Math.max(lines[0]?.atMs ?? 0, ring.lines.at(-1)?.atMs ?? 0);
			this.#push(ring, {atMs, order: this.#order++, service, containerId, stream: 'out', text: ownText(''), cutBytes: 0, kind: 'skipped', count: skipped, isEstimate, health: false, level: 'info'});
			ring.skipped += skipped;
			ring.isEstimate ||= isEstimate;
		}

		ring.visible += skipped;
		for (const line of lines) {
			const made = this.#made(ring, line);
			this.#push(ring, made);
			ring.visible += made.health ? 0 : 1;
			if (line.stamp === ring.lastStamp) {
				ring.lastStampCount++;
			} else {
				ring.lastStamp = line.stamp;
				ring.lastStampCount = 1;
			}
		}

		ring.received += lines.length + skipped;
		this.revision++;
	}

	/** Where a broken stream goes on: the last stamp seen and how many lines bore it. Null when nothing was seen. */
	resumePoint(containerId: string): {readonly stamp: string; readonly count: number} | null {
		const ring = this.#rings.get(containerId);
		return ring === undefined || ring.lastStamp === '' ? null : {stamp: ring.lastStamp, count: ring.lastStampCount};
	}

	/** The container is gone, or about to be recreated: its lines stay, and leave first when there are too many containers. */
	retire(containerId: string): void {
		const ring = this.#rings.get(containerId);
		if (ring !== undefined) {
			ring.alive = false;
		}
	}

	/** Forgets a container's lines, to read them again from further back. */
	forget(containerId: string): void {
		this.#rings.delete(containerId);
		this.revision++;
	}

	/** Up to `count` lines that end at `position` (included; null is the newest), oldest first. */
	before(position: LogPosition | null, query: LogQuery, count: number): readonly LogLine[] {
		const found: LogLine[] = [];
		for (const line of this.#backward(position, query)) {
			found.push(line);
			if (found.length >= count) {
				break;
			}
		}

		return found.reverse();
	}

	/** Up to `count` lines after `position` (excluded; null is before the oldest), oldest first. */
	after(position: LogPosition | null, query: LogQuery, count: number): readonly LogLine[] {
		const found: LogLine[] = [];
		for (const line of this.#forward(position, query)) {
			found.push(line);
			if (found.length >= count) {
				break;
			}
		}

		return found;
	}

	/** The nearest line beyond `position` in a direction for which `wanted` holds, or null. */
	find(position: LogPosition | null, direction: 'older' | 'newer', query: LogQuery, wanted: (line: LogLine) => boolean): LogLine | null {
		const lines = direction === 'older' ? this.#backward(position, query) : this.#forward(position, query);
		for (const line of lines) {
			const isStart = position !== null && line.order === position.order && line.atMs === position.atMs;
			if (!isStart && wanted(line)) {
				return line;
			}
		}

		return null;
	}

	/** Numbers for the pane's title: lines held, lines folded as health checks, lines skipped in floods, lines received ever, those of them that are no health lines. */
	totals(services: ReadonlySet<string> | null): {readonly held: number; readonly health: number; readonly skipped: number; readonly isEstimate: boolean; readonly received: number; readonly visible: number} {
		let held = 0;
		let health = 0;
		let skipped = 0;
		let isEstimate = false;
		let received = 0;
		let visible = 0;
		for (const ring of this.#rings.values()) {
			if (services === null || services.has(ring.service)) {
				held += ring.lines.length - ring.head;
				health += ring.healthLines;
				skipped += ring.skipped;
				isEstimate ||= ring.isEstimate;
				received += ring.received;
				visible += ring.visible;
			}
		}

		return {held, health, skipped, isEstimate, received, visible};
	}

	/** The newest lines of one container as text, for the incident's evidence before it is recreated. */
	tail(containerId: string, count: number): readonly SafeText[] {
		const ring = this.#rings.get(containerId);
		return ring === undefined ? [] : ring.lines.slice(Math.max(ring.head, ring.lines.length - count)).map(line => line.text);
	}

	level(line: LogLine): LogLevel {
		line.level ??= levelOf(line.text);
		return line.level;
	}

	#ring(service: string, containerId: string): Ring {
		const existing = this.#rings.get(containerId);
		if (existing !== undefined) {
			existing.alive = true;
			return existing;
		}

		const ring: Ring = {containerId, service, lines: [], head: 0, bytes: 0, alive: true, lastStamp: '', lastStampCount: 0, skipped: 0, isEstimate: false, received: 0, healthLines: 0, visible: 0, redactor: new LineRedactor(this.#redact)};
		const isSuccessor = [...this.#rings.values()].some(other => other.service === service && !other.alive);
		this.#rings.set(containerId, ring);
		if (isSuccessor) {
			this.#pendingBegan.add(containerId);
		}

		this.#dropOldRings();
		return ring;
	}

	readonly #pendingBegan = new Set<string>();

	#dropOldRings(): void {
		for (const ring of this.#rings.values()) {
			if (this.#rings.size <= ringsKept) {
				return;
			}

			if (!ring.alive) {
				this.#rings.delete(ring.containerId);
			}
		}
	}

	#made(ring: Ring, line: RawLogLine): LogLine {
		const isLong = line.rawText.length > textKept;
		// A secret that the cut would split is looked for before it.
		const text = isLong ? ownText(ring.redactor.next(line.rawText.slice(0, textKept + cutMargin)).slice(0, textKept)) : ring.redactor.next(line.rawText);
		const atMs = Math.max(line.atMs, ring.lines.at(-1)?.atMs ?? 0);
		if (this.#pendingBegan.delete(ring.containerId)) {
			this.#push(ring, {atMs, order: this.#order++, service: ring.service, containerId: ring.containerId, stream: 'out', text: ownText(''), cutBytes: 0, kind: 'began', count: 0, health: false, level: 'info'});
		}

		return {
			atMs,
			order: this.#order++,
			service: ring.service,
			containerId: ring.containerId,
			stream: line.stream,
			text,
			cutBytes: line.cutBytes + (isLong ? line.rawText.length - textKept : 0),
			kind: 'line',
			count: 1,
			health: this.#healthPattern.test(text),
			level: null,
		};
	}

	#push(ring: Ring, line: LogLine): void {
		ring.lines.push(line);
		ring.bytes += line.text.length + 100;
		ring.healthLines += line.health ? 1 : 0;
		while (ring.lines.length - ring.head > linesKept || ring.bytes > bytesKept) {
			const gone = ring.lines[ring.head]!;
			ring.bytes -= gone.text.length + 100;
			ring.healthLines -= gone.health ? 1 : 0;
			ring.head++;
		}

		if (ring.head > linesKept) {
			ring.lines = ring.lines.slice(ring.head);
			ring.head = 0;
		}
	}

	#chosen(query: LogQuery): Ring[] {
		return [...this.#rings.values()].filter(ring => ring.lines.length > ring.head && (query.services === null || query.services.has(ring.service)));
	}

	// A merge from the position backwards: with r rings and n lines wanted it touches about n + r lines, whatever is held.
	* #backward(position: LogPosition | null, query: LogQuery): Generator<LogLine> {
		const cursors = this.#chosen(query).map(ring => ({ring, index: position === null ? ring.lines.length - 1 : lastAt(ring, position)}));
		for (;;) {
			let best: LogLine | null = null;
			let from: {ring: Ring; index: number} | null = null;
			for (const cursor of cursors) {
				const line = cursor.index >= cursor.ring.head ? cursor.ring.lines[cursor.index]! : null;
				if (line !== null && (best === null || isBefore(best, line))) {
					best = line;
					from = cursor;
				}
			}

			if (best === null || from === null || (query.sinceMs !== null && best.atMs < query.sinceMs)) {
				return;
			}

			from.index--;
			if (isWanted(best, query)) {
				yield best;
			}
		}
	}

	* #forward(position: LogPosition | null, query: LogQuery): Generator<LogLine> {
		const cursors = this.#chosen(query).map(ring => ({ring, index: position === null ? ring.head : lastAt(ring, position) + 1}));
		for (;;) {
			let best: LogLine | null = null;
			let from: {ring: Ring; index: number} | null = null;
			for (const cursor of cursors) {
				const line = cursor.index < cursor.ring.lines.length ? cursor.ring.lines[cursor.index]! : null;
				if (line !== null && (best === null || isBefore(line, best))) {
					best = line;
					from = cursor;
				}
			}

			if (best === null || from === null) {
				return;
			}

			from.index++;
			if ((query.sinceMs === null || best.atMs >= query.sinceMs) && isWanted(best, query)) {
				yield best;
			}
		}
	}
}

const escapePattern = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

const isWanted = (line: LogLine, query: LogQuery): boolean => {
	if (line.kind !== 'line') {
		return true;
	}

	return (query.showHealth || !line.health)
		&& (query.filterIn === null || query.filterIn.test(line.text))
		&& (query.filterOut === null || !query.filterOut.test(line.text));
};

/** Index of the last line at or before a position, by halving; `head - 1` when there is none. */
const lastAt = (ring: Ring, position: LogPosition): number => {
	let low = ring.head;
	let high = ring.lines.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (isBefore(position, ring.lines[middle]!)) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}

	return low - 1;
};
