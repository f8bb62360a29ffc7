/**
The bytes that put a text on the clipboard of the terminal's own machine: OSC 52, wrapped for tmux and GNU screen, which pass
such a sequence on only inside a device control string of theirs.
*/

import {Buffer} from 'node:buffer';

/** Above this many base64 bytes terminals drop the whole sequence (xterm and hterm take 100,000 bytes of sequence at most). */
export const clipboardBytesAtMost = 74_994;
// GNU screen cuts device control strings at 768 bytes, older ones at 256.
const screenChunkBytes = 76;
const escape = '\u001B';
const bell = '\u0007';
const stringEnd = `${escape}\\`;

/** Null when the text is too long to be taken. `TMUX` wins over `STY`: tmux sets TERM to `screen` by default. */
export const clipboardSequence = (text: string, environment: {readonly TERM?: string | undefined; readonly TMUX?: string | undefined; readonly STY?: string | undefined}): string | null => {
	const encoded = Buffer.from(text, 'utf8').toString('base64');
	if (encoded.length > clipboardBytesAtMost) {
		return null;
	}

	const {TERM = '', TMUX = '', STY = ''} = environment;
	const sequence = `${escape}]52;c;${encoded}${bell}`;
	// Over SSH neither variable comes along, only TERM.
	if (TMUX !== '' || TERM.startsWith('tmux')) {
		return `${escape}Ptmux;${sequence.replaceAll(escape, escape + escape)}${stringEnd}`;
	}

	if (STY !== '' || TERM.startsWith('screen')) {
		const chunks = encoded.match(new RegExp(`.{1,${screenChunkBytes}}`, 'g')) ?? [''];
		return `${escape}P${escape}]52;c;${chunks.join(`${stringEnd}${escape}P`)}${bell}${stringEnd}`;
	}

	return sequence;
};
