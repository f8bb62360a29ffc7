/**
As much of bash as the runbook's cards need: a script becomes a list of simple commands joined by `;`, line ends, `&&` and `||`,
with quotes and variables. What it cannot read it hands over as a word, so that it fails as an unknown command would.
*/

export type ShellStep = {
	readonly words: readonly string[];
	/** How it hangs on the step before. */
	readonly when: 'always' | 'after-success' | 'after-failure';
};

/** Splits a script into steps. Variables come from `environment`; unknown ones are empty, as in bash. */
export const parseScript = (script: string, environment: Readonly<Record<string, string>>): readonly ShellStep[] => {
	const steps: ShellStep[] = [];
	let words: string[] = [];
	let word: string | null = null;
	let when: ShellStep['when'] = 'always';
	const endWord = (): void => {
		if (word !== null) {
			words.push(word);
			word = null;
		}
	};

	const endStep = (next: ShellStep['when']): void => {
		endWord();
		if (words.length > 0) {
			steps.push({words, when});
			words = [];
			when = next;
		} else if (next !== 'always') {
			when = next;
		}
	};

	const token = /'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|\\\n|\\(?<escaped>[^])|\$\{?(?<variable>[A-Za-z_]\w*)\}?|(?<comment>(?<=^|[\s;])#[^\n]*)|(?<and>&&)|(?<or>\|\|)|(?<end>[;\n])|(?<space>[ \t\r]+)|(?<plain>[^])/gy;
	for (const match of script.matchAll(token)) {
		const {single, double, escaped, variable, comment, and, or, end, space, plain} = match.groups!;
		if (and !== undefined) {
			endStep('after-success');
		} else if (or !== undefined) {
			endStep('after-failure');
		} else if (end !== undefined) {
			endStep('always');
		} else if (space !== undefined) {
			endWord();
		} else if (comment === undefined) {
			const value = single ?? (double === undefined ? undefined : expand(double, environment)) ?? escaped ?? (variable === undefined ? plain : environment[variable] ?? '');
			if (value !== undefined && (value !== '' || variable === undefined)) {
				word = (word ?? '') + value;
			}
		}
	}

	endStep('always');
	return steps;
};

const expand = (text: string, environment: Readonly<Record<string, string>>): string =>
	text.replaceAll(/\\(["\\$`])|\$\{?([A-Za-z_]\w*)\}?/g, (_, escaped: string | undefined, name: string | undefined) => escaped ?? environment[name!] ?? '');
