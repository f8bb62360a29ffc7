/** One PING in Redis's protocol (RESP 2). An answer that asks for a password is an answer: the server serves those who have one. It leaves no line in the server's log. */

import {failed, passed, type Probe, startConnection, type Verdict} from './probe.ts';

const lineLimitBytes = 4096;

/** The redis ping. */
export const probeRedis: Probe = (input, settle) => startConnection(input, settle, socket => {
	let line = '';
	socket.setEncoding('utf8').on('data', (text: string) => {
		line += text;
		const end = line.indexOf('\r\n');
		if (end >= 0) {
			settle(judge(line.slice(0, end)));
		} else if (!/^[+-]/.test(line) || line.length > lineLimitBytes) {
			settle(failed('protocol', line));
		}
	});
	socket.write('*1\r\n$4\r\nPING\r\n');
});

// Error words: redis.io/docs, "Redis serialization protocol"; DENIED is protected mode, which turns away everyone but loopback.
const judge = (line: string): Verdict => {
	if (line === '+PONG' || /^-(?:NOAUTH|NOPERM|WRONGPASS)\b/.test(line)) {
		return passed();
	}

	if (!line.startsWith('-')) {
		return failed('protocol', line);
	}

	return failed(line.startsWith('-LOADING') ? 'starting-up' : 'failed', line.slice(1));
};
