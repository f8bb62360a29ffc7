/*
Reads what AVA's TAP reporter says about one test file. Pure: text in, results out.
*/
import {leftOutMark} from './abilities.js';

const resultLine = /^(ok|not ok) \d+(?: - (.*?))?(?: # (SKIP|TODO)\b.*)?$/;

/**
@param {string} text the whole TAP output of one `ava --tap FILE`
@returns {{passed: number, failures: {title: string, details: string}[], leftOut: {title: string, reason: string}[]}}
*/
export const readTap = text => {
	let passed = 0;
	const failures = [];
	const leftOut = [];
	let failure = null;
	for (const line of text.split('\n')) {
		const match = resultLine.exec(line);
		if (!match) {
			failure?.lines.push(line);
			continue;
		}

		const [, verdict, title = '(no title)', directive] = match;
		failure = null;
		if (directive === 'SKIP' || directive === 'TODO') {
			const [own, reason] = title.split(leftOutMark);
			leftOut.push({title: own, reason: reason ?? (directive === 'TODO' ? 'not written yet' : 'skipped without a reason')});
		} else if (verdict === 'ok') {
			passed++;
		} else {
			failure = {title, lines: []};
			failures.push(failure);
		}
	}

	// AVA says of a file that crashed that it exited, too: once is enough.
	const told = failures.filter(({title}) => !/ exited (?:with a non-zero exit code|due to)/.test(title));
	return {passed, leftOut, failures: (told.length > 0 ? told : failures).map(({title, lines}) => ({title, details: readable(lines)}))};
};

// The marks of the YAML block go; what it says stays.
const readable = lines => lines
	.filter(line => !/^\s*(?:---|\.\.\.)$|^\s*message: ''$|^1\.\.\d+$|^# (?:tests|pass|skip|fail) \d+$/.test(line))
	.map(line => line.replace(/^ {2}/, ''))
	.join('\n')
	.trimEnd();
