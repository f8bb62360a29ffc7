/** Redis's own figures, asked over the wire with one INFO. For a deeper look only: a server that is full still answers it. */

import {connect} from 'node:net';
import type {Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';

const answerLimitBytes = 65_536;

/** See `HealthPort.cacheInfo`. `denied` when it asks for a password. */
export const readCacheInfo = async (address: string, deadlineMs: number): Promise<Outcome<Readonly<Record<string, string>>>> => new Promise(resolve => {
	const match = /^\[?([^\]]*)\]?:(\d+)$/.exec(address);
	if (match === null) {
		resolve({ok: false, failure: {code: 'malformed', detail: makeSafe(address)}});
		return;
	}

	const socket = connect({host: match[1]!, port: Number(match[2])});
	let text = '';
	const finish = (outcome: Outcome<Readonly<Record<string, string>>>): void => {
		socket.destroy();
		resolve(outcome);
	};

	socket.setEncoding('utf8').setTimeout(deadlineMs, () => {
		finish({ok: false, failure: {code: 'timed-out', detail: makeSafe(address)}});
	});
	socket.on('connect', () => {
		socket.write('*1\r\n$4\r\nINFO\r\n');
	});
	socket.on('error', error => {
		finish({ok: false, failure: {code: 'refused', detail: makeSafe(error.message)}});
	});
	socket.on('close', () => {
		finish({ok: false, failure: {code: 'failed', detail: makeSafe('closed')}});
	});
	socket.on('data', (piece: string) => {
		text += piece;
		if (text.startsWith('-')) {
			finish({ok: false, failure: {code: 'denied', detail: makeSafe(text.slice(0, 120).trim())}});
			return;
		}

		const length = Number(/^\$(\d+)\r\n/.exec(text)?.[1]);
		if (text.length >= length || text.length > answerLimitBytes) {
			finish({ok: true, value: Object.fromEntries(text.split('\r\n').flatMap(line => {
				const [name, value] = line.split(':', 2);
				return value === undefined || name === undefined ? [] : [[name, makeSafe(value)]];
			}))});
		}
	});
});
