/** The readme's key table comes from the program, and every picture that it shows is there (test/pictures.ts). `UPDATE_README=1 npx ava test/readme.ts` writes the table anew. */

import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {defaultKeys, type KeyBinding} from '../source/core/keys.ts';
import {commandName, keyName} from '../source/messages/keys.ts';

const path = new URL('../README.md', import.meta.url);
const escaped = (key: string): string => key === '|' ? '\\|' : key;

const keyTable = (): string => {
	const rows = defaultKeys.filter(({keys}) => keys.length > 0).map(({command, keys}: KeyBinding) => `| ${keys.map(key => `\`${escaped(keyName('en', key))}\``).join(' ')} | ${commandName('en', command)} |`);
	const half = Math.ceil(rows.length / 2);
	return ['| key | does | key | does |', '|---|---|---|---|', ...rows.slice(0, half).map((row, index) => `${row.slice(0, -2)}${rows[half + index] ?? ' | | |'}`)].join('\n');
};

const blocks: Readonly<Record<string, () => string>> = {keys: keyTable};

for (const [name, make] of Object.entries(blocks)) {
	test(`the readme's ${name} is what the program has`, t => {
		const text = readFileSync(path, 'utf8');
		const block = new RegExp(`<!-- ${name} -->\n[^]*?<!-- /${name} -->`);
		const wanted = `<!-- ${name} -->\n${make()}\n<!-- /${name} -->`;
		if (process.env['UPDATE_README'] === '1') {
			writeFileSync(path, text.replace(block, () => wanted));
			t.pass();
			return;
		}

		t.is(block.exec(text)?.[0], wanted);
	});
}

test('every picture of the readme is in the repository', t => {
	const shown = [...readFileSync(path, 'utf8').matchAll(/!\[[^\]]+\]\((docs\/[^)]+)\)/g)].map(([, file]) => file!);
	t.true(shown.length >= 3);
	t.deepEqual(shown.filter(file => !existsSync(new URL(file, path))), []);
});
