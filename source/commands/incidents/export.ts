/** `mdc-console incidents export`: the record as it is, one JSON document a line, for whoever wants to look at it with other tools. */

import {told, withReport, writeText, type Reading} from '../incidents.ts';
import type {JournalEntry} from '../../core/ports.ts';
import type {IncidentsRequest} from './arguments.ts';
import {exportedEntry} from './documents.ts';

const linesAtOnce = 1000;

/** 0 told; 2 a journal could not be read; 64 no incident is called so. Oldest entry first, journal after journal. */
export const exportEntries = async (request: IncidentsRequest & {readonly kind: 'export'}, reading: Reading): Promise<number> => {
	const write = async (parts: ReadonlyArray<{readonly project: string; readonly entries: readonly JournalEntry[]}>): Promise<number> => {
		const lines = parts.flatMap(({project, entries}) => entries.map(entry => JSON.stringify(exportedEntry(project, entry))));
		if (request.output !== null) {
			return writeText(request.output, lines.map(line => `${line}\n`).join(''), request.force, reading);
		}

		for (let from = 0; from < lines.length; from += linesAtOnce) {
			reading.print(lines.slice(from, from + linesAtOnce).join('\n'));
		}

		return told(reading);
	};

	return request.incident === null ? write(reading.archive.journals) : withReport(reading, request.incident, async (_report, record) => write([record]));
};
