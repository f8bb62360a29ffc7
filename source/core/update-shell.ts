/**
A shell beside the console, in the selected container or on the host: where it opens and when it does not. What is typed in it is nobody's business here; that
somebody was in there is part of the record.
*/

import {containerRows} from './screen.ts';
import type {State} from './state.ts';
import {flash, record, withEffect, type Step} from './step.ts';

export type ShellPlace =
	| {readonly kind: 'container'; readonly id: string; readonly service: string}
	/** In the project's directory where it is known. */
	| {readonly kind: 'host'; readonly directory: string | null};

/** From the host's pane a shell on the host, from every other one in the container that is selected. */
const placeOf = (state: State): ShellPlace | null => {
	if (state.view.focus === 'host') {
		return {kind: 'host', directory: state.situation.project.facts?.directory ?? null};
	}

	const row = containerRows(state)[state.view.containerCursor];
	const container = state.situation.containers.value?.find(({id}) => id === row?.containerId);
	return container?.state === 'running' ? {kind: 'container', id: container.id, service: container.service} : null;
};

/** Lends the terminal to a shell; in a drill there is no server to be on, and a console that only reads opens none. */
export const openShell = (step: Step): Step => {
	const {state} = step;
	if (state.readOnly || state.drill) {
		return flash(step, state.readOnly ? 'read-only' : 'shell-drill', {}, 'warning');
	}

	const place = placeOf(state);
	if (place === null) {
		return flash(step, 'shell-not-running', {service: containerRows(state)[state.view.containerCursor]?.service ?? ''}, 'warning');
	}

	return withEffect(record(step, {type: 'shell/opened', data: {service: place.kind === 'container' ? place.service : null}}), {type: 'console/shell', place});
};

export type ShellClosed = {readonly type: 'shell/closed'; readonly place: ShellPlace; readonly spanMs: number; readonly exitCode: number | null; /** Why it did not open; empty when it did. */ readonly detail: string};

/** Back from it. */
export const onShellClosed = (step: Step, {place, spanMs, exitCode, detail}: ShellClosed): Step => {
	const recorded = record(step, {type: 'shell/closed', data: {service: place.kind === 'container' ? place.service : null, spanMs, exitCode}});
	return detail === '' ? recorded : flash(recorded, 'shell-failed', {detail}, 'warning');
};
