/**
The components: as thin as they can be. Each part of the screen selects its drawn text from the store; an equal text renders nothing. One
`useInput` and one `usePaste` in the whole program, here.
*/

import {Box, Text, useApp, useInput, usePaste} from 'ink';
import {memo, useEffect, useSyncExternalStore, type ReactElement} from 'react';
import type {Rectangle} from '../core/layout.ts';
import type {State} from '../core/state.ts';
import type {KeyDecoder} from './keys.ts';
import {partOrder, type PartId} from './draw.ts';

/** What the components read: drawn parts, and when to look again. */
export type Parts = {
	readonly subscribe: (listener: () => void) => () => void;
	/** The part as a snapshot: the same object while nothing of it changed; null when it has no place. */
	readonly snapshot: (id: PartId) => Snapshot | null;
	/** The state from which a part was drawn last; null before it was. */
	readonly drawnFrom: (id: PartId) => State | null;
	/** The terminal's size, as one string. */
	readonly size: () => string;
};

export type Snapshot = {readonly rectangle: Rectangle; readonly text: string};

type PartProps = {readonly parts: Parts; readonly id: PartId};

const Part = memo(({parts, id}: PartProps): ReactElement | null => {
	const shown = useSyncExternalStore(parts.subscribe, () => parts.snapshot(id));
	if (shown === null) {
		return null;
	}

	const {left, top, width, height} = shown.rectangle;
	return (
		<Box position="absolute" left={left} top={top} width={width} height={height} overflow="hidden">
			<Text wrap="truncate">{shown.text}</Text>
		</Box>
	);
});

export type AppProps = {
	readonly parts: Parts;
	readonly decoder: KeyDecoder;
	readonly nowMs: () => number;
	/** Called when a chunk of input may be through. */
	readonly typed: () => void;
	/** Told how the terminal is lent to someone else for a while. */
	readonly lender: (lend: LendTerminal) => void;
};

/** Gives the terminal back as it was found, lets `meanwhile` have it, takes it again and repaints everything. */
export type LendTerminal = (meanwhile: () => Promise<void>) => Promise<void>;

/** The screen. */
export const App = ({parts, decoder, nowMs, typed, lender}: AppProps): ReactElement => {
	const [columns = 1, rows = 1] = useSyncExternalStore(parts.subscribe, parts.size).split('x').map(Number);
	useInput((input, key) => {
		decoder.input(input, key, nowMs());
		typed();
	});
	usePaste(text => {
		decoder.paste(text);
		typed();
	});
	const {suspendTerminal} = useApp();
	useEffect(() => {
		lender(async meanwhile => suspendTerminal(meanwhile));
	}, [lender, suspendTerminal]);
	return (
		<Box width={columns} height={rows} overflow="hidden">
			{partOrder.map(id => <Part key={id} parts={parts} id={id}/>)}
		</Box>
	);
};
