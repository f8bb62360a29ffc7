/**
What a test needs from the machine. `needs('engine', 'tmux')` answers with a test function: the real one where everything is
there, else one that skips and says why in its title, from where the runner (build/test.js) collects it.

The runner finds out once what the machine has and tells by `MDC_TEST_<NAME>` = `yes`, or the reason why not; a test file that is run by
itself finds out here. With MDC_REQUIRE_ENGINE=1 a missing engine is a failure, never a skip.
*/
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {abilities, leftOutMark} from '../../build/abilities.js';
import type {Ability} from '../../build/abilities.js';

export type {Ability} from '../../build/abilities.js';

/** Null when the machine has it, else the reason why not, as a sentence part. */
export const missing = (ability: Ability): string | null => {
	const told = process.env[`MDC_TEST_${ability.toUpperCase().replaceAll('-', '_')}`];
	const answer = told ?? abilities[ability]();
	return answer === 'yes' ? null : answer;
};

/** Without the engine the real-engine tests need nothing else to be judged, so it is named alone. */
const requiredHere = (ability: Ability): boolean => ability === 'engine' && process.env['MDC_REQUIRE_ENGINE'] === '1';

type Run = (t: ExecutionContext) => void | Promise<void>;

/**
A test function for tests that need these abilities. Such tests run one after the other within their file: they share the engine or the terminal.
*/
export const needs = (...wanted: readonly Ability[]): ((title: string, run: Run) => void) => {
	const lacking = wanted.flatMap(ability => {
		const reason = missing(ability);
		return reason === null ? [] : [{ability, reason}];
	});
	if (lacking.length === 0) {
		return (title, run) => {
			test.serial(title, run);
		};
	}

	const reasons = lacking.map(({reason}) => reason).join('; ');
	if (lacking.some(({ability}) => requiredHere(ability))) {
		return title => {
			test.serial(title, t => {
				t.fail(`MDC_REQUIRE_ENGINE is set, but ${reasons}`);
			});
		};
	}

	return (title, run) => {
		test.skip(`${title}${leftOutMark}${reasons}`, run);
	};
};
