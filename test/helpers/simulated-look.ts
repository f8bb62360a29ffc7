/** One look of `status` at the pretend server with faults broken in: the first finding, as its JSON has it. */

import {createClock} from '../../source/adapters/clock.ts';
import {lookOnce, statusDocument} from '../../source/commands/status.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {initialState} from '../../source/core/update.ts';
import type {Fault} from '../../source/simulator/faults.ts';
import {createDrillClock} from '../../source/simulator/drill-clock.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';

export type SeenFinding = {readonly id: string; readonly scenario: number | string; readonly service: string | null; readonly causedBy: string | null; readonly actions: readonly string[]};

const quietMs = 60_000;
/** What takes a moment to show: a death, a timeout, a check that fails. */
const showsAfterMs = 1500;

/** `forMs`: how long the fault has lasted when somebody looks. */
export const simulatedFindings = async (fault: Fault, forMs = showsAfterMs): Promise<readonly SeenFinding[]> => {
	const base = createClock();
	const clock = createDrillClock({base, startMs: base.nowMs() - quietMs - forMs});
	const simulator = createSimulator({clock, seed: 7, scenario: 'healthy', userAgent: 'mdc-console/0'});
	try {
		clock.catchUp(quietMs);
		simulator.break(fault);
		clock.catchUp(forMs);
		clock.run(1);
		const state = await lookOnce({
			initial: initialState({
				nowMs: clock.nowMs(), version: '0', consoleId: 'status', settings: {...defaultSettings, directory: simulator.directory}, actor: simulator.identity, askActor: false,
				readOnly: true, drill: false, userAgent: 'mdc-console/0', size: {columns: 100, rows: 40}, commandNames: {},
			}),
			ports: simulator, journal: simulator.journal, clock, project: null, deadlineMs: 30_000, waitMs: 15_000,
		});
		return statusDocument(state).findings.map(({id, scenario, service, causedBy, actions}) => ({id, scenario, service, causedBy, actions}));
	} finally {
		simulator.close();
	}
};
