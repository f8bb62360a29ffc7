/** A ping's last answer in words and a tone: shared by the health pane and the ping's overlay. */

import type {PingSituation} from '../../core/situation.ts';
import {pingReason} from '../../messages/screen.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';

export type PingWords = {readonly glyph: string; readonly tone: Tone; readonly words: string; readonly since: string};

/** What a ping says: `refused`, `status 502`, `PONG`; and since when it fails. */
export const pingWords = (ping: PingSituation, nowMs: number, pen: Pen): PingWords => {
	const {last} = ping;
	if (last === null) {
		return {glyph: '·', tone: 'dim', words: pen.say.noAnswerYet, since: ''};
	}

	if (last.ok) {
		const words = {http: last.status === null ? 'ok' : String(last.status), tcp: pen.say.opened, postgres: pen.say.accepts, redis: pen.say.pong}[ping.target.kind];
		return {glyph: '●', tone: 'good', words, since: ''};
	}

	const reason = pingReason[pen.language][last.reason ?? 'failed'](last);
	return {glyph: '✖', tone: 'bad', words: reason, since: ping.firstBadAtMs === null ? '' : pen.say.since(pen.format.moment(ping.firstBadAtMs, nowMs))};
};
