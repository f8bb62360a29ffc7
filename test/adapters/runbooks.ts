/** Runbooks of many shapes, and files that are none: each read as far as it makes sense, each trouble at its place, none thrown. */

import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {parseRunbookText, readRunbooks} from '../../source/adapters/runbooks.ts';
import type {Runbook} from '../../source/core/runbook.ts';
import {shippedRunbook, shippedText} from '../../source/commands/runbooks.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {settingsWith} from '../../source/core/runbook-state.ts';
import {realClock} from '../helpers/real-clock.ts';
import {starvedClock} from '../helpers/starved-clock.ts';

/** A busy machine is no frozen disk. */
const patient = {deadlineMs: 60_000, clock: realClock};

const corpus = path.join(import.meta.dirname, '../fixtures/runbooks');

/** Cards as `scenario kind title`, problems as `code line:column`. */
const summaryOf = (runbook: Runbook) => ({
	cards: runbook.cards.map(({scenario, kind, title, action}) => `${scenario ?? '-'} ${kind}${action === null ? '' : ` ${action}`}: ${title}`),
	problems: runbook.problems.map(({code, line, column}) => `${code} ${line}:${column}`),
});

const shapes: Readonly<Record<string, ReturnType<typeof summaryOf>>> = {
	'english-plain.md': {
		cards: ['- pane: Check the containers', '- pane: docker compose logs --tail 50 checkout', '1 change: Switch to the fallback provider', '2 change restart-worker: If the queue keeps growing, restart the workers'],
		problems: [],
	},
	'setext.md': {cards: ['- pane: Containers', '1 change start-web: docker compose up -d web', '2 change restart-worker: Se pouca memória: reiniciar o worker'], problems: []},
	'tables.md': {cards: ['1 change start-worker: worker exited', '1 change prune: disk full'], problems: []},
	'nested-lists.md': {cards: ['1 pane: Look at the state', '1 change restart-nginx: the proxy', '1 change restart-app: If the proxy is fine, restart the app'], problems: []},
	'tilde.md': {cards: ['1 check: Print a fence', '1 change start-api: Start', '2 change restart-nginx: docker-compose restart nginx'], problems: []},
	'runme.md': {
		cards: ['1 change: Bring web up', '1 change: Clean the cache', '1 check: json form', '1 check: one'],
		problems: ['unknown-front-matter 12:1', 'attribute-value 23:26', 'unknown-attribute 23:32', 'risk-too-low 25:1'],
	},
	'comments.md': {cards: ['- check: Loop over services', '- check: Here document', '- pane: Continued', '- check: Quoted', '0 change: Placeholders in quotes'], problems: []},
	'windows.md': {cards: ['1 change start-api: Subir'], problems: ['carriage-return 1:1']},
	'bom.md': {cards: ['0 change rollback-commit: git checkout <sha>'], problems: ['byte-order-mark 1:1']},
	'console-transcript.md': {cards: ['- check: docker compose ps'], problems: ['no-scenario 0:0']},
	'no-numbers-emoji.md': {
		cards: ['- pane: docker-compose ps', '1 change restart-redis: docker-compose restart redis', '2 check: Ver o que ocupa', '2 check: Ou ver o Docker', '0 change rollback-image: docker-compose pull api'],
		problems: [],
	},
	'unclosed.md': {cards: ['2 change restart-api: docker compose restart api', '2 hint: # Scenario 3: swallowed'], problems: ['empty-scenario 3:1', 'unclosed-fence 7:1']},
	'clashes.md': {
		cards: ['1 change: docker compose stop worker', '1 change: docker compose start worker', '12 pane: docker compose ps'],
		problems: ['key-clash 6:1', 'scenario-clash 9:1', 'id-clash 12:1', 'scenario-range 15:1', 'key-clash 18:1', 'empty-scenario 21:1'],
	},
	'prose-only.md': {cards: ['- pane: docker compose ps'], problems: ['no-scenario 0:0']},
	'setext-quote.md': {cards: ['1 change restart-api: In a quote', '1 pane: docker compose logs -f --tail=10 api', '1 change: ./scripts/check.sh --all'], problems: []},
	'prose-heavy.md': {
		cards: [
			'- pane: See what runs with docker compose ps. Everything but migrate should be Up.', '- pane: Read the tail of the log: docker compose logs --tail 300 orders. You are looking',
			'- pane: Ask it yourself', '- pane: curl -fsS http://localhost:8088/readyz | jq .', '- check: Is the queue growing? Run docker compose exec -T broker rabbitmqctl list_queues',
			'1 change start-orders: docker compose up -d orders',
			'2 check: docker compose exec -T postgres pg_isready', '2 change restart-pgbouncer: If there are more than 90 connections, restart the pooler', '2 change: Otherwise the cache may be poisoned. Flush it',
			'3 pane: df -h', '3 change: journal', '3 change: docker images', '3 change: old exports', '4 change: docker compose kill -s USR1 consumer',
			'0 check: Find the previous tag with git tag --sort=-creatordate | head -5, then', '0 change: Find the previous tag with git tag --sort=-creatordate | head -5, then',
		],
		problems: ['placeholder-number 109:1'],
	},
	'hidden.md': {cards: ['1 change: docker compose restart api'], problems: ['hidden-characters 6:25', 'hidden-characters 7:14']},
};

for (const [file, expected] of Object.entries(shapes)) {
	test(`${file} is read as what it is`, async t => {
		const [runbook] = await readRunbooks(path.join(corpus, file), patient);
		t.deepEqual(summaryOf(runbook!), expected);
	});
}

test('facts are found in prose, tables and front matter', async t => {
	const read = async (file: string): Promise<Runbook> => (await readRunbooks(path.join(corpus, file), patient))[0]!;
	t.like((await read('english-plain.md')).facts, {alert: 'CheckoutErrors', severity: 'P1', durationMs: 300_000, team: 'Payments', escalateAfterMs: 1_800_000, updated: '2024-03-12', version: '3', owner: 'Payments'});
	t.deepEqual((await read('english-plain.md')).facts.contacts.map(({role, name, reach}) => [role, name, reach]), [['Lead', 'Ana Lima', '+351 912 345 678'], ['Vendor', 'PayCo support', 'support@payco.example']]);
	const orders = await read('prose-heavy.md');
	t.like(orders.facts, {alert: 'OrdersBackendUnavailable', severity: 'SEV1', escalateAfterMs: 1_200_000, updated: '2026-03-12', version: '4', owner: 'Fulfilment squad'});
	t.deepEqual(orders.facts.contacts.map(({role, name, placeholder}) => [role, name, placeholder]), [['Fulfilment lead', 'Priya N.', false], ['DBA', 'Database guild', false], ['Hosting', 'Vendor', true]]);
	t.deepEqual(orders.sections.find(({role}) => role === 'diagnosis')?.hints.map(String), ['a Python traceback', 'connection refused from the database', 'Killed (out of memory)']);
	t.is(orders.facts.duties.length, 3);
	t.like((await read('tables.md')).facts, {alert: 'QueueStuck', severity: 'warning', durationMs: 600_000});
	t.like((await read('runme.md')).facts, {alert: 'ShopDown', severity: 'critical', durationMs: 90_000, escalateAfterMs: 1_200_000, owner: 'SRE', updated: '2026-02-03'});
	t.deepEqual((await read('setext.md')).facts.contacts, [{role: 'Plantão', name: 'Rita', reach: '(11) 4002-8922', placeholder: false}]);
});

test('placeholders become quoted variables, whatever quotes they stand in', async t => {
	const [runbook] = await readRunbooks(path.join(corpus, 'comments.md'), patient);
	const card = runbook!.cards.at(-1)!;
	t.is(card.script, 'git checkout "${TAG}" && echo \'\'"${TAG}"\'\' "${VERSION}"');
	const hostile = '$(touch /tmp/never); `id` "\' \n x';
	t.is(execFileSync('bash', ['--norc', '-c', card.script.replace('git checkout', 'echo').replace('&& echo', '; echo')], {env: {TAG: hostile, VERSION: '1'}, encoding: 'utf8'}), `${hostile}\n${hostile} 1\n`);
});

test('the shipped editions say the same in both languages, and are what the settings begin with', async t => {
	const [en, pt] = await Promise.all([shippedRunbook('en'), shippedRunbook('pt-BR')]);
	t.deepEqual(en.problems, []);
	t.deepEqual(pt.problems, []);
	const shape = (runbook: Runbook) => runbook.cards.map(({scenario, kind, risk, action, key, rawLines, condition}) => ({scenario, kind, risk, action, key, rawLines, condition: condition?.kind}));
	t.deepEqual(shape(en), shape(pt));
	t.is((await shippedText('en')).split('\n').length, (await shippedText('pt-BR')).split('\n').length);
	for (const edition of [en, pt]) {
		t.deepEqual(settingsWith(defaultSettings, edition.facts), defaultSettings);
	}
});

test('the shipped edition covers every step of the page that it was made from', async t => {
	const [old] = await readRunbooks(path.join(corpus, 'api-down.md'), patient);
	const shipped = await shippedRunbook('en');
	const doings = (runbook: Runbook): ReadonlySet<string> => new Set(runbook.cards.filter(({kind}) => kind !== 'hint').map(({kind, pane, check, action, rawLines}) =>
		action ?? (check === null ? (pane === null ? (kind === 'wait' ? 'wait' : rawLines.join(';')) : JSON.stringify(pane)) : check.check)));
	const own = doings(shipped);
	t.deepEqual([...doings(old!)].filter(doing => !own.has(doing) && doing !== '{"pane":"here"}'), []);
});

const troubleOf = async (file: string): Promise<readonly string[]> => (await readRunbooks(file, patient)).flatMap(runbook => runbook.problems.map(({code}) => code));

test('what is no page is told as what it is', async t => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-runbooks-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	const file = (name: string, content: string | Buffer): string => {
		writeFileSync(path.join(directory, name), content);
		return path.join(directory, name);
	};

	t.deepEqual(await troubleOf(path.join(directory, 'none.md')), ['missing']);
	t.deepEqual(await troubleOf(file('binary.md', Buffer.from([0x23, 0x20, 0, 1, 2]))), ['binary']);
	t.deepEqual(await troubleOf(file('latin1.md', Buffer.from('# Op\xE7\xF5es', 'latin1'))), ['not-utf8']);
	t.deepEqual(await troubleOf(file('empty.md', '')), ['empty']);
	t.deepEqual(await troubleOf(file('front.md', '---\na: [\n---\n# x\n')), ['no-card', 'front-matter']);
	const large = file('large.md', '');
	truncateSync(large, 10 * 1024 * 1024);
	t.deepEqual(await troubleOf(large), ['too-large']);
	execFileSync('mkfifo', [path.join(directory, 'pipe.md')]);
	t.deepEqual(await troubleOf(path.join(directory, 'pipe.md')), ['not-a-file']);
	t.deepEqual(await troubleOf(file('deep.md', `# x\n\n## Fix\n\n${'> '.repeat(200)}deep\n\n\`docker ps\`\n`)), ['too-deep']);
	t.deepEqual(await troubleOf(file('long.md', `# x\n\n## Fix\n\n${'a'.repeat(5000)}\n\n\`docker ps -a\`\n`)), ['line-too-long']);
});

test('a directory of pages is read whole, by name, whatever else lies there', async t => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-runbooks-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	writeFileSync(path.join(directory, 'b.md'), '# B\n');
	writeFileSync(path.join(directory, 'a.markdown'), '# A\n');
	writeFileSync(path.join(directory, 'c.txt'), '# C\n');
	t.deepEqual((await readRunbooks(directory, patient)).map(({title}) => title), ['A', 'B'] as never);
});

test('a program that was starved does not take the disk of its pages for silent', async t => {
	const [runbook] = await readRunbooks(path.join(corpus, 'api-down.md'), {clock: starvedClock()});
	t.false(runbook!.problems.some(({code}) => code === 'timed-out'));
	t.true(runbook!.cards.length > 0);
});

test('the same text gives the same runbook, with Windows line ends too', async t => {
	const text = readFileSync(path.join(corpus, 'api-down.md'), 'utf8');
	const plain = await parseRunbookText(text, 'x');
	const windows = await parseRunbookText(text.replaceAll('\n', '\r\n'), 'x');
	t.deepEqual(windows.cards, plain.cards);
	t.deepEqual(windows.facts, plain.facts);
});
