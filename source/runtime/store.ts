/**
The dispatch loop: an event in, the new state, its effects out. It hides the coalescing of notifications: a key repaints at once, facts
at most eight times a second and once a second when nobody pressed a key for a while; numbers that only move a little on a healthy screen come
together every five seconds (250 bytes a second instead of 600); and while the terminal has not taken the last frame, nothing is told at all (the
state goes on, the painting waits).

State lives here and not in React; panes subscribe and select.
*/

import type {Clock, Stop} from '../core/ports.ts';
import {urgencyOf, type Urgency} from '../core/screen.ts';
import type {Effect, Event, State, Updated} from '../core/state.ts';

export type Store = {
	state(): State;
	/** Handles an event at once and carries out its effects in order. Events dispatched by an effect queue up behind it. */
	dispatch(event: Event): void;
	/** Told that there is something new to draw; reads `state()` itself. */
	subscribe(listener: () => void): Stop;
	/** The terminal took the last frame: what was held back is told now. */
	drained(): void;
	close(): void;
};

export type StoreOptions = {
	readonly initial: State;
	readonly update: (state: State, event: Event) => Updated;
	/** Carries out one effect; must not throw for expected failures. */
	readonly perform: (effect: Effect) => void;
	readonly clock: Clock;
	/** False while a frame is still on its way to the terminal. */
	readonly canPaint: () => boolean;
	/** Told of every event after it was handled, for what must follow the state without being a rule of it. */
	readonly observed?: (event: Event) => void;
};

const busyIntervalMs = 125;
const idleIntervalMs = 1000;
const calmIntervalMs = 5000;
const idleAfterMs = 5000;

/** Is something moving that the operator watches? Then facts come eight times a second, else once. */
const isBusy = (state: State, sinceKeyMs: number): boolean =>
	sinceKeyMs < idleAfterMs || state.nowMs - state.openedAtMs < idleAfterMs || state.runs.some(run => run.phase !== 'done' && run.phase !== 'refused');

export const createStore = ({initial, update, perform, clock, canPaint, observed}: StoreOptions): Store => {
	let state = initial;
	let lastKeyMs = -Infinity;
	let lastToldMs = -Infinity;
	let timer: Stop | null = null;
	let dueMs = Infinity;
	let isHeldBack = false;
	let isDispatching = false;
	const queue: Event[] = [];
	const listeners = new Set<() => void>();

	const tell = (): void => {
		timer?.();
		timer = null;
		dueMs = Infinity;
		if (!canPaint()) {
			isHeldBack = true;
			return;
		}

		isHeldBack = false;
		lastToldMs = clock.monotonicMs();
		for (const listener of listeners) {
			listener();
		}
	};

	const schedule = (urgency: Urgency): void => {
		const nowMs = clock.monotonicMs();
		const busy = isBusy(state, nowMs - lastKeyMs);
		const intervalMs = urgency === 'calm' ? (busy ? idleIntervalMs : calmIntervalMs) : (busy ? busyIntervalMs : idleIntervalMs);
		const wantedMs = lastToldMs + intervalMs;
		if (urgency === 'now' || wantedMs <= nowMs) {
			tell();
		} else if (wantedMs < dueMs) {
			timer?.();
			dueMs = wantedMs;
			timer = clock.after(wantedMs - nowMs, tell);
		}
	};

	const handle = (event: Event): void => {
		const before = state;
		const {state: after, effects} = update(before, event);
		state = after;
		for (const effect of effects) {
			perform(effect);
		}

		if (after !== before) {
			const urgency = urgencyOf(event, before, after);
			if (urgency === 'now') {
				lastKeyMs = clock.monotonicMs();
			}

			schedule(urgency);
		}

		observed?.(event);
	};

	return {
		state: () => state,
		dispatch(event) {
			queue.push(event);
			if (isDispatching) {
				return;
			}

			isDispatching = true;
			try {
				for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
					handle(next);
				}
			} finally {
				isDispatching = false;
			}
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		drained() {
			if (isHeldBack) {
				tell();
			}
		},
		close() {
			timer?.();
			timer = null;
			listeners.clear();
		},
	};
};
