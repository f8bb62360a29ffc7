/**
Reads a page of 200 kB again and again and prints what each reading cost, as JSON: CPU time of the thread, since a stopwatch on a shared machine measures its
neighbours. Run as a bundle (runbook.ts), which is what users start.
*/

import {readFileSync} from 'node:fs';
import {parseRunbookText} from '../../source/adapters/runbooks.ts';

const [page = '', runs = '40'] = process.argv.slice(2);
const original = readFileSync(page, 'utf8');
const copies = Math.ceil(200_000 / Buffer.byteLength(original));

/** The page over and over, and the same with other services, ports and directories in each copy, so that no command is met a second time. */
const texts: Readonly<Record<string, string>> = {
	original,
	repeated: original.repeat(copies),
	varied: Array.from({length: copies}, (_, index) => original
		.replaceAll(/\b(?:api|db|redis|nginx)\b/g, `$&${index}`)
		.replaceAll('5001', String(5001 + index))
		.replaceAll('/var/log', `/var/log/${index}`)
		.replaceAll('/opt/mestres', `/opt/${index}`)).join('\n'),
};

const cost = async (text: string): Promise<readonly number[]> => {
	const times: number[] = [];
	for (let run = 0; run < Number(runs); run++) {
		const before = process.threadCpuUsage();
		await parseRunbookText(text, 'api-down.md');
		const {user, system} = process.threadCpuUsage(before);
		times.push((user + system) / 1000);
	}

	return times;
};

const answers: Record<string, {readonly bytes: number; readonly times: readonly number[]}> = {};
for (const [name, text] of Object.entries(texts)) {
	answers[name] = {bytes: Buffer.byteLength(text), times: await cost(text)};
}

process.stdout.write(JSON.stringify(answers));
