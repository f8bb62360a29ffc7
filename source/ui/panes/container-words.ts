/**
A container's state in a glyph, a tone and words: what the containers pane, its overlay and nothing else say of it. The glyph's shape alone
tells good, wrong, waiting and gone apart.
*/

import type {ContainerFacts} from '../../core/ports.ts';
import {exitMeaning} from '../../messages/screen.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';

export type StateWords = {readonly glyph: string; readonly tone: Tone; readonly words: readonly string[]; readonly running: boolean};

/** Restarts are news for an hour: a container that was restarted once last month is simply up. */
const restartsMatterMs = 3_600_000;

/** The state of a container in words, most important first; the caller joins and clips them. `missed`: its service should answer and does not. */
export const stateWords = (container: ContainerFacts, nowMs: number, pen: Pen, missed = false): StateWords => {
	const {say, format, language} = pen;
	const times = container.restarts > 0 && nowMs - (container.startedAtMs ?? 0) < restartsMatterMs ? [`×${container.restarts}`] : [];
	const exit = (): readonly string[] => {
		const meaning = exitMeaning(language, container.exitCode);
		return container.oomKilled && container.exitCode === 137 ? [say.oomKilled] : [say.exited(String(container.exitCode)), ...(meaning === '' ? [] : [meaning])];
	};

	switch (container.state) {
		case 'running': {
			const up = say.up(format.span(nowMs - (container.startedAtMs ?? nowMs), 5));
			switch (container.health) {
				case 'unhealthy': {
					return {glyph: '▲', tone: 'bad', words: [say.unhealthy, up, ...times], running: true};
				}

				case 'starting': {
					return {glyph: '◐', tone: 'warn', words: [up, say.starting, ...times], running: true};
				}

				case 'healthy':
				case 'none': {
					return {glyph: '●', tone: 'good', words: [up, ...(container.health === 'healthy' ? [say.containerHealthy] : []), ...times], running: true};
				}
			}
		}

		// eslint-disable-next-line no-fallthrough -- every inner case returns
		case 'paused': {
			return {glyph: '‖', tone: 'warn', words: [say.paused], running: false};
		}

		case 'restarting': {
			const [last, ...more] = exit();
			return {glyph: '✖', tone: 'bad', words: [say.restarting, `${last!}${container.restarts > 0 ? ` ×${container.restarts}` : ''}`, ...more], running: false};
		}

		case 'exited': {
			const isQuiet = container.exitCode === 0 && !missed;
			return {glyph: isQuiet ? '○' : '✖', tone: isQuiet ? 'warn' : 'bad', words: [...exit(), ...(container.finishedAtMs === null ? [] : [format.ago(nowMs - container.finishedAtMs)])], running: false};
		}

		case 'created': {
			return {glyph: '○', tone: 'bad', words: [say.created, ...(container.error === '' ? [] : [container.error])], running: false};
		}

		case 'dead': {
			return {glyph: '✖', tone: 'bad', words: [say.dead], running: false};
		}

		case 'removing': {
			return {glyph: '◐', tone: 'dim', words: [say.removing], running: false};
		}
	}
};
