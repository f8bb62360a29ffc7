/**
`mdc-console incidents verify`: is the journal as it was written? Hides how the files are found and walked. 0 every journal is whole; 1 one is broken, and
where; 2 it cannot be told: none is there, one cannot be read, or has no chain yet.
*/

import type {JournalArchivePort, VerifiedJournal} from '../../core/incident-archive.ts';
import {journalStateOf, journalVerifyLines, verifyWords} from '../../messages/journal-verify.ts';
import {unreadableLine} from '../../messages/incidents.ts';
import {createStamp} from '../../messages/stamp.ts';
import {toAscii} from '../../ui/theme.ts';
import type {IncidentsOutput} from '../incidents.ts';
import {leaveHangingThread} from '../leave.ts';
import {languageOf} from '../invocation.ts';
import type {Surroundings} from '../surroundings.ts';
import type {IncidentsRequest} from './arguments.ts';
import {verifyDocument} from './documents.ts';

export const verifyJournals = async (surroundings: Surroundings, port: JournalArchivePort, request: IncidentsRequest & {readonly kind: 'verify'}, output: IncidentsOutput): Promise<number> => {
	const {docker, environment, options} = surroundings;
	docker.close();
	const language = languageOf(environment, options.language);
	const answer = await port.verify(options.project, request.head);
	await port.close();
	const {journals, failures} = answer.ok ? answer.value : {journals: [], failures: [answer.failure]};
	const hasHead = journals.some(({answer: told}) => told.ok && told.value.hasHead === true);
	const stamp = createStamp(new Intl.DateTimeFormat().resolvedOptions().timeZone);
	if (request.json) {
		output.out(JSON.stringify(verifyDocument(journals, failures, journalStateOf), null, 2));
	} else {
		for (const line of [...journals.flatMap(journal => journalVerifyLines(language, journal, stamp)), ...(journals.length === 0 && failures.length === 0 ? [verifyWords[language].none] : []), ...(request.head !== null && !hasHead ? [verifyWords[language].headMissing(request.head.sequence)] : [])]) {
			output.out(output.ascii ? toAscii(line) : line);
		}
	}

	for (const failure of failures) {
		output.err(unreadableLine(language, failure));
	}

	if (journals.some(({answer: told}) => !told.ok && told.failure.code === 'timed-out')) {
		await leaveHangingThread();
	}

	return codeOf(journals, failures.length > 0, request.head !== null && !hasHead);
};

const codeOf = (journals: readonly VerifiedJournal[], isIncomplete: boolean, isHeadMissing: boolean): 0 | 1 | 2 => {
	const states = journals.map(journal => journalStateOf(journal));
	if (states.includes('broken') || (isHeadMissing && journals.length > 0)) {
		return 1;
	}

	return isIncomplete || states.length === 0 || states.some(state => state !== 'intact') ? 2 : 0;
};
