/**
When the runbook is read: once the first frame is painted, and again when it becomes known where the project (and with it the scripts that the page calls)
lies. It hides that two readings may overlap: only the newest one is told.
*/

import type {RunbooksPort} from '../core/ports.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type RunbookReading = {
	readonly source: Source;
	/** Takes up the text that the open incident began with. */
	thaw(path: string, text: string): void;
};

const firstAfterMs = 450;
const lookEveryMs = 2000;

export const createRunbookReading = ({store, runbooks, broke}: {readonly store: Store; readonly runbooks: RunbooksPort; readonly broke: (name: string, error: unknown) => void}): RunbookReading => {
	let readFor: string | null | undefined;

	const directoryNow = (): string | null => {
		const {situation, settings} = store.state();
		return situation.project.facts?.directory ?? settings.directory;
	};

	return {
		source: {
			name: 'runbook',
			intervalMs: () => lookEveryMs,
			firstAfterMs,
			async look() {
				const directory = directoryNow();
				// The page itself is not read again while it is in use: it would change under the operator's hands.
				if (readFor !== undefined && (directory === null || readFor === directory)) {
					return true;
				}

				readFor = directory;
				const read = await runbooks.read(directory);
				// A disk that was only slow is asked again; the shipped page stands in meanwhile.
				readFor = read.some(({problems}) => problems.some(({code}) => code === 'timed-out')) ? undefined : directory;
				store.dispatch({type: 'runbook/read', runbooks: read, frozen: false});
				return true;
			},
		},
		thaw(path, text) {
			void runbooks.parse(text, path, directoryNow()).then(runbook => {
				store.dispatch({type: 'runbook/read', runbooks: [runbook], frozen: true});
			}, (error: unknown) => {
				broke('runbook', error);
			});
		},
	};
};
