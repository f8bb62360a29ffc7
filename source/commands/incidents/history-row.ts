/** `mdc-console incidents history-row`: the difference that an incident's row makes in the runbook, and with --write the row itself. */

import {readForReplacing, replaceText} from '../../adapters/files/replace.ts';
import {findHistory, spliceHistory} from '../../core/history-row.ts';
import type {Report} from '../../core/incident-report.ts';
import {diffLines, history, historyCells, historyProblem} from '../../messages/history.ts';
import {createFormatter} from '../../messages/format.ts';
import type {Language} from '../../messages/language.ts';
import type {Stamp} from '../../messages/stamp.ts';

export type HistoryRowRequest = {
	/** Null: the configuration's. */
	readonly runbook: string | null;
	readonly write: boolean;
	readonly cause: string | null;
	readonly action: string | null;
};

export type HistoryRowInput = {
	readonly report: Report;
	readonly language: Language;
	/** False: the row is written in the language of the runbook's heading. */
	readonly isLanguageChosen: boolean;
	readonly configuredRunbook: string | null;
	readonly stamp: Stamp;
	readonly say: (line: string) => void;
	readonly err: (line: string) => void;
};

/** 0 shown or written, or there already; 1 not possible, and why; 64 no runbook is named. */
export const writeHistoryRow = async (request: HistoryRowRequest, input: HistoryRowInput): Promise<0 | 1 | 64> => {
	const {report, language, stamp, say, err} = input;
	const words = history[language];
	if (report.ended === null || report.state === 'cancelled') {
		err(report.ended === null ? words.notEnded(report.id) : words.falseAlarm(report.id));
		return 1;
	}

	const path = request.runbook ?? input.configuredRunbook;
	if (path === null) {
		err(words.noRunbook);
		return 64;
	}

	const read = await readForReplacing(path);
	if (!read.ok) {
		err(historyProblem(language, read.code, path, read.rawDetail));
		return 1;
	}

	const {text} = read.value;
	const found = findHistory(text);
	const rowLanguage = found.ok && !input.isLanguageChosen ? found.table.language : language;
	const answer = spliceHistory(text, historyCells(rowLanguage, report, {stamp, format: createFormatter(rowLanguage, stamp.zone)}, request));
	if (!answer.ok) {
		const isThere = answer.code === 'already-there';
		(isThere ? say : err)(historyProblem(language, answer.code, path));
		return isThere ? 0 : 1;
	}

	for (const line of diffLines(path, text, answer.splice)) {
		say(line);
	}

	if (request.cause === null) {
		err(words.humanWords);
	}

	if (!request.write) {
		say(words.shownOnly);
		return 0;
	}

	const written = await replaceText(path, read.value, answer.splice.text);
	if (!written.ok) {
		err(historyProblem(language, written.code, path, written.rawDetail));
		return 1;
	}

	say(words.written(path, answer.splice.line));
	return 0;
};
