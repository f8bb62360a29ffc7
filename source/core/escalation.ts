/**
When to escalate: the runbook's rule (after ten minutes) as an instant computed from the incident, never a timer that must be kept
alive. What is overdue when a console opens is overdue at once.
*/

import type {Incident} from './incident.ts';
import type {EscalationSettings} from './settings.ts';

export type Escalation = {
	readonly dueAtMs: number;
	/** Positive: still to go. Negative: overdue by so much. */
	readonly remainingMs: number;
	readonly due: boolean;
	readonly prompted: boolean;
};

/** The state of the escalation of an open incident; null when it is mitigated or there is none. */
export const escalationOf = (incident: Incident | null, settings: EscalationSettings, nowMs: number): Escalation | null => {
	if (incident === null || incident.state !== 'open') {
		return null;
	}

	const dueAtMs = incident.outage.sinceMs + settings.afterMs;
	return {dueAtMs, remainingMs: dueAtMs - nowMs, due: nowMs >= dueAtMs, prompted: incident.promptedAtMs !== null};
};

/** A number that nobody can call: a template's placeholder such as `+1-XXX-XXX-XXXX`. It is shown with a warning, never as callable. */
export const isPlaceholderNumber = (reach: string): boolean => /\d.*[xX]{3}|[xX]{3}.*\d|^\+?[\s\dxX().-]*[xX]{3}[\s\dxX().-]*$/.test(reach);
