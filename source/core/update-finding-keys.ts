/** Keys in a finding's overlay: the selection moves through its evidence, Enter opens where a piece of it was seen. */

import type {Finding, Origin} from './diagnosis.ts';
import {everything} from './log-book.ts';
import type {State} from './state.ts';
import {flash, withView, type Step} from './step.ts';
import type {Overlay} from './view.ts';

type FindingOverlay = Extract<Overlay, {kind: 'finding'}>;

const moves: Readonly<Record<string, number>> = {up: -1, k: -1, down: 1, j: 1, g: -100, home: -100, G: 100, end: 100};

/** What can be selected: evidence for, then against. */
export const selectableOf = (finding: Finding): Finding['evidence'] => [...finding.evidence, ...finding.against];

/** The step after a key of this overlay's own; null when the key is none of its. */
export const onFindingKey = (step: Step, overlay: FindingOverlay, key: string): Step | null => {
	const finding = step.state.findings[Math.min(overlay.index, step.state.findings.length - 1)];
	if (finding === undefined) {
		return null;
	}

	const count = selectableOf(finding).length;
	const by = moves[key];
	if (by !== undefined) {
		return withView(step, {overlay: {...overlay, cursor: Math.max(0, Math.min(count - 1, overlay.cursor + by))}});
	}

	return key === 'enter' ? openOrigin(step, selectableOf(finding)[Math.min(overlay.cursor, count - 1)]?.origin ?? null) : null;
};

const openOrigin = (step: Step, origin: Origin | null): Step => {
	switch (origin?.kind) {
		case 'container': {
			return step.state.situation.containers.value?.some(({id}) => id === origin.id) === true ? withView(step, {overlay: {kind: 'container', id: origin.id, scroll: 0}}) : flash(step, 'no-match', {}, 'warning');
		}

		case 'ping': {
			return withView(step, {overlay: {kind: 'ping', name: origin.name, scroll: 0}});
		}

		case 'changes': {
			return withView(step, {overlay: {kind: 'changes', scroll: 0}});
		}

		case 'log': {
			return openLine(step, origin);
		}

		default: {
			return step;
		}
	}
};

/** The log pane at that line, of its service alone, without filters that could hide it. */
const openLine = (step: Step, origin: Extract<Origin, {kind: 'log'}>): Step => {
	const {state} = step;
	const line = lineAt(state, origin);
	if (line === null) {
		return flash(step, 'no-match', {}, 'warning');
	}

	const position = {atMs: line.atMs, order: line.order};
	return withView(step, {overlay: null, focus: 'log', log: {...state.view.log, service: origin.service, follow: false, anchor: position, hit: position, since: 'all', filterIn: null, filterOut: null, search: null}});
};

const linesSearched = 400;

const lineAt = (state: State, origin: Extract<Origin, {kind: 'log'}>): {readonly atMs: number; readonly order: number} | null => {
	const lines = state.logBook.after({atMs: origin.atMs - 1, order: Number.MAX_SAFE_INTEGER}, {...everything, services: new Set([origin.service])}, linesSearched);
	return lines.find(line => line.text.trim() === origin.line) ?? lines.find(line => line.atMs >= origin.atMs && line.containerId === origin.containerId) ?? null;
};
