/** What the diagnosis costs: one whole diagnosis of sixty containers, and lines a second with and without looking for signatures. */

import {diagnoseWhole} from '../../source/core/diagnosis.ts';
import {createMatcher, matchLines} from '../../source/core/diagnosis/matcher.ts';
import {LogBook} from '../../source/core/log-book.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {bad, container, good, logLines, opened, stack, startMs} from '../helpers/facts.ts';

const sorted = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b);

/** Milliseconds of each of `runs` diagnoses of a stack of sixty with an outage in it. */
const diagnosisMs = (runs: number): readonly number[] => {
	const many = Array.from({length: 56}, (_, index) => container(`worker-${index}`, index % 9 === 0 ? {health: 'unhealthy', healthFailingStreak: 3} : {}));
	const crashed = {state: 'restarting', restarts: 5, exitCode: 3, startedAtMs: startMs - 2000, finishedAtMs: startMs - 1000} as const;
	const console = opened(undefined, [...stack({api: crashed}), ...many]);
	for (let index = 0; index < 56; index++) {
		console.send(logLines(defaultSettings, `worker-${index}`, ['ERROR could not connect to server: Connection refused', 'KeyError: \'SECRET_KEY\''], startMs));
	}

	const {state} = console.until(startMs + 5000, (name, atMs) => name === 'db' ? good(atMs) : bad(atMs));
	return Array.from({length: runs}, () => {
		const began = performance.now();
		diagnoseWhole(state.situation, state.settings, state.nowMs);
		return performance.now() - began;
	});
};

/** Lines a second into the log book, with and without the matcher, at a share of telling lines. */
const linesPerSecond = (telling: number, isMatching: boolean): number => {
	const lines = Array.from({length: 50_000}, (_, index) => ({
		stamp: `2026-01-18T03:04:05.${String(index).padStart(9, '0')}Z`, atMs: startMs + index, stream: 'out' as const, cutBytes: 0,
		rawText: index % 100 < telling
			? 'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "db" (172.18.0.2), port 5432 failed: FATAL:  password authentication failed for user "mestres_user"'
			: `172.18.0.1 - - [18/Jan/2026:03:04:05 +0000] "GET /api/products?page=${index} HTTP/1.1" 200 1542 "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
	}));
	const matcher = createMatcher([]);
	const book = new LogBook('mdc-console/0');
	const began = performance.now();
	for (let from = 0; from < lines.length; from += 625) {
		const batch = lines.slice(from, from + 625);
		book.append('api', 'api', batch, 0);
		if (isMatching) {
			matchLines(matcher, {containerId: 'api', service: 'api'}, batch);
		}
	}

	return lines.length / ((performance.now() - began) / 1000);
};

export const benchDiagnosis = (say: (what: string, figure: string) => void): void => {
	diagnosisMs(200);
	const times = sorted(diagnosisMs(500));
	say('one diagnosis of 60 containers', `median ${times[250]!.toFixed(2)} ms, p99 ${times[495]!.toFixed(2)} ms`);
	for (const telling of [0, 5, 100]) {
		linesPerSecond(telling, true);
		const plain = linesPerSecond(telling, false);
		const matched = linesPerSecond(telling, true);
		say(`log lines, ${telling}% telling`, `${Math.round(matched / 1000)}k/s with signatures, ${Math.round(plain / 1000)}k/s without`);
	}
};
