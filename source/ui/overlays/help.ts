/** The help, made from the key table, so that it is never wrong about a remapped key; and the palette: every command by name. */

import type {KeyBinding} from '../../core/keys.ts';
import type {Rectangle} from '../../core/layout.ts';
import {matchCommands, paletteNames} from '../../core/palette.ts';
import type {State} from '../../core/state.ts';
import {windowStart} from '../../core/view.ts';
import {commandName, keyName} from '../../messages/keys.ts';
import {cell, edges, fitLine, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {drawBox, heading, overlayWidth, paragraph, rowWidth, type Drawn} from './box.ts';

const keyColumn = 14;

const groupRows = (title: string, bindings: readonly KeyBinding[], width: number, pen: Pen): readonly Line[] => [
	heading(title),
	...mergedOf(bindings, pen).map(([keys, name]): Line => fitLine([space(1), cell(keys, keyColumn, 'key'), space(1), span(name)], width)),
	[],
];

/** One row for each command that has a key: two bindings of one command share it. */
const mergedOf = (bindings: readonly KeyBinding[], pen: Pen): ReadonlyArray<readonly [string, string]> => {
	const keys = new Map<string, string[]>();
	for (const binding of bindings) {
		const name = commandName(pen.language, binding.command);
		keys.set(name, [...(keys.get(name) ?? []), ...binding.keys.map(key => keyName(pen.language, key))]);
	}

	return [...keys].filter(([, own]) => own.length > 0).map(([name, own]) => [own.join(' '), name]);
};

/** Draws the help over the body: two columns where there is room. */
export const drawHelp = (state: State, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const {say} = pen;
	const width = rowWidth(body);
	const two = width >= 92;
	const column = two ? Math.floor((width - 3) / 2) : width;
	const of = (group: KeyBinding['group']): readonly KeyBinding[] => state.bindings.filter(binding => binding.group === group);
	const general = groupRows(say.helpGeneral, [...of('general'), ...of('check')], column, pen);
	const actions = groupRows(say.helpAction, of('action'), column, pen);
	const move = groupRows(say.helpMove, of('move'), column, pen);
	const log = groupRows(say.helpLog, of('log'), column, pen);
	const incident = groupRows(say.helpIncident, of('incident'), column, pen);
	// Of all ways to share them out, this one leaves the columns equally long: every key is seen at 120×40.
	const left = [...general, ...actions].slice(0, -1);
	const right = [...move, ...log, ...incident].slice(0, -1);
	const rows = two
		? Array.from({length: Math.max(left.length, right.length)}, (_unused, index): Line => [...fitLine(left[index] ?? [], column), space(3), ...fitLine(right[index] ?? [], column)])
		: [...actions, ...log, ...general, ...move, ...incident].slice(0, -1);
	return drawBox({
		title: [span(say.helpTitle, 'strong')],
		facts: [span(`mdc-console ${state.version}`, 'dim')],
		scroll,
		rows: [...paragraph(`${say.helpCards} ${say.helpScenarios}`, width, 'plain'), [], ...rows],
	}, body, pen);
};

const paletteMost = 72;

/** Draws the palette: what matches what is typed, best first, each with its key. */
export const drawPalette = (state: State, cursor: number, body: Rectangle, pen: Pen): Drawn => {
	const width = overlayWidth(body, paletteMost) - 4;
	const typed = state.view.prompt?.purpose === 'palette' ? state.view.prompt.text : '';
	const names = paletteNames(state);
	const matches = matchCommands(names, typed);
	const rows = Math.max(1, Math.min(20, body.height - 6));
	const start = windowStart(cursor, matches.length, rows);
	const shown = matches.slice(start, start + rows);
	const filler = Array.from({length: Math.max(0, rows - Math.max(1, shown.length))}, (): Line => []);
	return drawBox({
		title: [span(pen.say.paletteTitle, 'strong')],
		facts: [span(String(matches.length), 'dim')],
		scroll: 0,
		rows: [
			[span(': ', 'accentStrong'), span(typed), span(' ', 'cursor')],
			[],
			...(shown.length === 0 ? [[span(pen.say.paletteNone, 'dim')] as Line] : shown.map((command, index) => {
				const isChosen = start + index === cursor;
				const keys = state.bindings.filter(binding => binding.command === command).flatMap(binding => binding.keys).map(key => keyName(pen.language, key)).join(' ');
				return {line: edges([span(names[command] ?? command, isChosen ? 'strong' : 'plain')], [span(keys, 'key')], width), mark: isChosen ? span('›', 'accentStrong') : space(1)};
			})),
			...filler,
		],
	}, body, pen, paletteMost);
};
