/**
Instants as a report writes them: local date and time with their offset, so that the hour that daylight saving repeats is told apart, and UTC.
Unlike the screen's clock these must be read months later, on another machine.
*/

export type Stamp = {
	/** The IANA name. */
	readonly zone: string;
	/** `2026-01-18`. */
	readonly date: (atMs: number) => string;
	/** `2026-01-18 03:12:04 -03:00`. */
	readonly local: (atMs: number) => string;
	/** `2026-01-18 06:12:04Z`. */
	readonly utc: (atMs: number) => string;
	/** `2026-01`, of the local date. */
	readonly month: (atMs: number) => string;
};

const parts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'timeZoneName'] as const;

/** Makes the stamp of a time zone. An unknown one is taken for UTC: it was refused when the configuration was read. */
export const createStamp = (timeZone: string): Stamp => {
	const formatOf = (zone: string): Intl.DateTimeFormat => new Intl.DateTimeFormat('en-US', {
		calendar: 'gregory', numberingSystem: 'latn', timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset',
	});
	const {format, zone} = ((): {readonly format: Intl.DateTimeFormat; readonly zone: string} => {
		try {
			return {format: formatOf(timeZone), zone: timeZone};
		} catch {
			return {format: formatOf('UTC'), zone: 'UTC'};
		}
	})();
	const read = (atMs: number): Readonly<Record<(typeof parts)[number], string>> => {
		const found = Object.fromEntries(format.formatToParts(atMs).map(({type, value}) => [type, value])) as Record<(typeof parts)[number], string>;
		return {...found, year: found.year.padStart(4, '0'), timeZoneName: found.timeZoneName.replace('GMT', '') || '+00:00'};
	};

	return {
		zone,
		date(atMs) {
			const {year, month, day} = read(atMs);
			return `${year}-${month}-${day}`;
		},
		local(atMs) {
			const {year, month, day, hour, minute, second, timeZoneName} = read(atMs);
			return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
		},
		utc: atMs => new Date(atMs).toISOString().replace('T', ' ').replace(/\.\d{3}Z$/, 'Z'),
		month(atMs) {
			const {year, month} = read(atMs);
			return `${year}-${month}`;
		},
	};
};
