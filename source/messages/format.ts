/**
Numbers, spans and instants as the reader writes them: decimal comma in Portuguese, binary units, 24-hour clock in the configured time zone.

Invariants: nothing here reads the clock; every answer is short and of a bounded width, so that columns can be planned for it.
*/

import type {Language} from './language.ts';

export type Formatter = {
	readonly language: Language;
	/** `03:12:04` in the time zone. */
	readonly clock: (atMs: number) => string;
	/** `03:12`. */
	readonly time: (atMs: number) => string;
	/** `18 Jan 03:12`, for instants of another day. */
	readonly moment: (atMs: number, nowMs: number) => string;
	/** `07:42`, `1:07:42`: a running clock. Negative spans count as zero. */
	readonly stopwatch: (spanMs: number) => string;
	/** `45 s`, `4 min`, `3 h`, `12 d`: the largest unit, cut off; below a minute in steps of `stepSeconds`. */
	readonly span: (spanMs: number, stepSeconds?: number) => string;
	/** `4 min ago`; `just now` below ten seconds, the steps in which it is told. */
	readonly ago: (spanMs: number) => string;
	/** `4.2 s`; from a minute on `1 min 12 s`. */
	readonly seconds: (spanMs: number) => string;
	/** `231 ms`, `1.2 s`. */
	readonly latency: (spanMs: number) => string;
	/** `210 MiB`, `5.6 GiB`. */
	readonly bytes: (bytes: number) => string;
	/** `12 / 64 MiB`: both in the unit of the larger one. */
	readonly bytesPair: (used: number, total: number) => string;
	/** `5.6 of 7.8 GiB` without the word between. */
	readonly bytesParts: (used: number, total: number) => {readonly used: string; readonly total: string};
	/** `34%`; above 99% never rounded up to 100%. */
	readonly percent: (share: number) => string;
	readonly count: (value: number) => string;
	readonly decimal: (value: number, digits: number) => string;
};

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

const unitOf = (bytes: number): number => {
	let unit = 0;
	for (let rest = Math.abs(bytes); rest >= 1023.5 && unit < units.length - 1; rest /= 1024) {
		unit++;
	}

	return unit;
};

const pad = (value: number): string => String(value).padStart(2, '0');

const dateFormat = (language: Language, timeZone: string | null, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
	const locale = language === 'en' ? 'en-GB' : 'pt-BR';
	try {
		return new Intl.DateTimeFormat(locale, {...options, ...(timeZone === null ? {} : {timeZone})});
	} catch {
		// An unknown zone is refused when the configuration is read; the machine's own zone is the honest fallback.
		return new Intl.DateTimeFormat(locale, options);
	}
};

type Clocks = {readonly clock: (atMs: number) => string; readonly time: (atMs: number) => string; readonly isSameDay: (atMs: number, nowMs: number) => boolean; readonly day: (atMs: number) => string};

/** In another zone than the machine's: by Intl, each format made when it is first wanted. */
const clocksIn = (language: Language, timeZone: string): Clocks => {
	const clock = onNeed(() => dateFormat(language, timeZone, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'}));
	const time = onNeed(() => dateFormat(language, timeZone, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}));
	const day = onNeed(() => dateFormat(language, timeZone, {day: '2-digit', month: 'short'}));
	return {clock: atMs => clock().format(atMs), time: atMs => time().format(atMs), isSameDay: (atMs, nowMs) => day().format(atMs) === day().format(nowMs), day: atMs => day().format(atMs)};
};

/** In the machine's zone JavaScript's own dates know the hour; the three formats of Intl cost 17 ms of the way to the first frame. */
const clocksHere = (language: Language): Clocks => {
	const day = onNeed(() => dateFormat(language, null, {day: '2-digit', month: 'short'}));
	const time = (at: Date): string => `${pad(at.getHours())}:${pad(at.getMinutes())}`;
	return {
		clock(atMs) {
			const at = new Date(atMs);
			return `${time(at)}:${pad(at.getSeconds())}`;
		},
		time: atMs => time(new Date(atMs)),
		isSameDay: (atMs, nowMs) => new Date(atMs).toDateString() === new Date(nowMs).toDateString(),
		day: atMs => day().format(atMs),
	};
};

const onNeed = <T>(make: () => T): (() => T) => {
	let made: T | null = null;
	return () => made ??= make();
};

const stopwatch = (spanMs: number): string => {
	const seconds = Math.max(0, Math.floor(spanMs / 1000));
	const hours = Math.floor(seconds / 3600);
	const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
	return hours === 0 ? rest : `${hours}:${rest}`;
};

const span = (spanMs: number, stepSeconds = 1): string => {
	const seconds = Math.max(0, Math.floor(spanMs / 1000));
	if (seconds < 60) {
		return `${Math.floor(seconds / stepSeconds) * stepSeconds} s`;
	}

	if (seconds < 3600) {
		return `${Math.floor(seconds / 60)} min`;
	}

	return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
};

/** Makes the formatter of a language and a time zone (IANA name; null is the machine's own). */
export const createFormatter = (language: Language, timeZone: string | null): Formatter => {
	const {clock, time, isSameDay, day} = timeZone === null ? clocksHere(language) : clocksIn(language, timeZone);
	const dotted = (value: number, digits: number): string => language === 'en' ? value.toFixed(digits) : value.toFixed(digits).replace('.', ',');
	const amount = (bytes: number, unit: number): string => {
		const value = bytes / (1024 ** unit);
		return dotted(value, unit >= 3 && value < 9.95 ? 1 : 0);
	};

	const bytesParts = (used: number, total: number): {readonly used: string; readonly total: string; readonly unit: string} => {
		const unit = unitOf(Math.max(used, total));
		return {used: amount(used, unit), total: amount(total, unit), unit: units[unit]!};
	};

	const separator = language === 'en' ? ',' : '.';
	return {
		language,
		clock,
		time,
		moment: (atMs, nowMs) => isSameDay(atMs, nowMs) ? time(atMs) : `${day(atMs).replace(' de ', ' ').replace('.', '')} ${time(atMs)}`,
		stopwatch,
		span,
		ago(spanMs) {
			if (spanMs < 10_000) {
				return language === 'en' ? 'just now' : 'agora';
			}

			return language === 'en' ? `${span(spanMs, 10)} ago` : `há ${span(spanMs, 10)}`;
		},
		seconds: spanMs => spanMs < 59_950 ? `${dotted(Math.max(0, spanMs) / 1000, 1)} s` : `${Math.floor(spanMs / 60_000)} min ${Math.floor((spanMs % 60_000) / 1000)} s`,
		latency: spanMs => spanMs < 999.5 ? `${Math.max(1, Math.round(spanMs))} ms` : `${dotted(spanMs / 1000, 1)} s`,
		bytes: bytes => `${amount(bytes, unitOf(bytes))} ${units[unitOf(bytes)]!}`,
		bytesPair(used, total) {
			const parts = bytesParts(used, total);
			return `${parts.used} / ${parts.total} ${parts.unit}`;
		},
		bytesParts(used, total) {
			const parts = bytesParts(used, total);
			return {used: parts.used, total: `${parts.total} ${parts.unit}`};
		},
		percent: share => `${share > 0.99 && share < 1 ? 99 : Math.round(share * 100)}%`,
		count: value => String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, separator),
		decimal: dotted,
	};
};
