import test from 'ava';
import fc from 'fast-check';
import {bindKeys, commandOf, defaultKeys} from '../../source/core/keys.ts';
import {layoutFor, paneOrder, type Rectangle} from '../../source/core/layout.ts';
import {matchCommands} from '../../source/core/palette.ts';
import {redact} from '../../source/core/redaction.ts';
import {RunBook} from '../../source/core/run-book.ts';
import {isPlaceholderNumber} from '../../source/core/contacts.ts';

test('panes tile the body exactly at every size', t => {
	const wants = fc.record({containers: fc.integer({min: 1, max: 80}), pings: fc.integer({min: 1, max: 20}), disks: fc.integer({min: 1, max: 8}), findings: fc.nat(5), bannerRows: fc.nat(4), focus: fc.constantFrom(...paneOrder), enlarged: fc.boolean()});
	fc.assert(fc.property(fc.integer({min: 0, max: 220}), fc.integer({min: 0, max: 80}), wants, (columns, rows, want) => {
		const layout = layoutFor({columns, rows}, want);
		if (layout.kind === 'too-small') {
			return columns < 60 || rows < 15;
		}

		const panes = Object.values(layout.panes) as Rectangle[];
		const area = panes.reduce((sum, {width, height}) => sum + (width * height), 0);
		const overlaps = panes.some((a, index) => panes.slice(index + 1).some(b => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height));
		const inside = panes.every(({left, top, width, height}) => left >= 0 && top >= layout.body.top && left + width <= columns && top + height <= layout.body.top + layout.body.height && height >= 3);
		return area === layout.body.width * layout.body.height && !overlaps && inside && layout.footer.top === rows - 1;
	}), {numRuns: 3000});
	t.pass();
});

test('the key table has no clash, and only upper case opens an action', t => {
	t.deepEqual(bindKeys({}).troubles, []);
	for (const {keys, group, command} of defaultKeys) {
		for (const key of keys) {
			t.is(/^\p{Lu}$/u.test(key), group === 'action' || command === 'bottom' ? key !== 'end' : command === 'search-previous', `${command} ${key}`);
		}
	}
});

test('a remapping that clashes or breaks the rule of cases is refused with what is wrong', t => {
	t.deepEqual(bindKeys({wrap: ['f']}).troubles.map(({kind}) => kind), ['clash']);
	t.deepEqual(bindKeys({'action-start-api': ['u']}).troubles.map(({kind}) => kind), ['action-needs-upper-case']);
	t.deepEqual(bindKeys({wrap: ['V']}).troubles.map(({kind}) => kind), ['look-needs-lower-case']);
	t.deepEqual(bindKeys({wrap: ['y']}).troubles.map(({kind}) => kind), ['reserved']);
	t.is(commandOf(bindKeys({wrap: ['v']}).bindings, 'v'), 'wrap');
});

test('the palette finds without accents and by letters in order', t => {
	const names = {help: 'Ajuda', note: 'Anotação', 'action-start-api': 'Iniciar a api'};
	t.deepEqual(matchCommands(names, 'anotacao'), ['note']);
	t.is(matchCommands(names, 'inap')[0], 'action-start-api');
	t.is(matchCommands(names, '').length, 3);
	t.deepEqual(matchCommands(names, 'zzz'), []);
});

for (const [secret, text] of [
	['hunter2', 'postgresql://mestres_user:hunter2@db:5432/mestres_cafe'],
	['hunter2', 'POSTGRES_PASSWORD=hunter2'],
	['hunter2', '"secret_key": "hunter2"'],
	['hunter2hunter2', 'Authorization: Bearer hunter2hunter2'],
	['senha-antiga', 'DB_SENHA: senha-antiga'],
	['AKIAABCDEFGHIJKLMNOP', 'key AKIAABCDEFGHIJKLMNOP used'],
	['xoxb-123456789012', 'slack xoxb-123456789012-x'],
	['hunter2', 'redis://:hunter2@redis:6379/0'],
] as const) {
	test(`a secret does not pass: ${text.replace(secret, '…')}`, t => {
		t.notRegex(redact(text as never), new RegExp(secret));
	});
}

test('what is no secret stays: names, databases, hosts', t => {
	const text = 'postgresql://mestres_user@db:5432/mestres_cafe token count: ok';
	t.true(redact(text as never).includes('db:5432/mestres_cafe'));
});

test('output of a run keeps the last state of a progress line, survives chunk borders and is bounded', t => {
	const book = new RunBook();
	book.append('r', 'Starting api ... \rStarting api', 0);
	book.append('r', ' ... done\nsecond \u001B[32mgreen\u001B[0m\n', 0);
	t.deepEqual(book.tail('r', 10).lines as readonly string[], ['Starting api ... done', 'second green']);
	book.append('r', 'x\n'.repeat(20_000), 0);
	t.is(book.tail('r', 100_000).lines.length, 5000);
});

test('a placeholder number is no number to call', t => {
	t.true(isPlaceholderNumber('PagerDuty +1-XXX-XXX-XXXX'));
	t.true(isPlaceholderNumber('+1-XXX-XXX-XXXX'));
	t.false(isPlaceholderNumber('+55 11 99999-9999'));
	t.false(isPlaceholderNumber('PagerDuty'));
});
