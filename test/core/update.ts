import test from 'ava';
import fc from 'fast-check';
import {downMs, replay} from '../../source/core/incident.ts';
import type {JournalEntry, RunRequest} from '../../source/core/ports.ts';
import {bannersOf, escalationNow, standing} from '../../source/core/screen.ts';
import type {Effect, Event, PendingDraft} from '../../source/core/state.ts';
import {update} from '../../source/core/update.ts';
import {ana, bad, drive, good, newState, opened, project as shop, stack, startMs} from '../helpers/facts.ts';

const apiDown = (name: string, atMs: number) => name === 'api' ? bad(atMs) : (name === 'nginx' ? bad(atMs, 'status') : good(atMs));
const allGood = (_name: string, atMs: number) => good(atMs);
const draftsOf = (effects: readonly Effect[]): readonly PendingDraft[] => effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []);
const typesOf = (effects: readonly Effect[]): readonly string[] => draftsOf(effects).map(draft => draft.type);
const claimOf = (effects: readonly Effect[]): RunRequest | undefined => effects.flatMap(effect => effect.type === 'run/claim' ? [effect.request] : [])[0];
const stopped = {api: {state: 'exited', health: 'unhealthy', exitCode: 0, finishedAtMs: startMs - 200_000, pid: 0}} as const;

/** The start card, opened, compared and painted. */
const cardReady = (console = opened(undefined, stack(stopped))) => console
	.press('U')
	.send({type: 'compose/compared', action: 'start-api', services: []}, {type: 'card/painted', action: 'start-api', atMs: startMs});
const yes = (atMs = startMs + 400): Event => ({type: 'key/pressed', key: 'y', alone: true, atMs});

test('no single key on the main screen changes the server', t => {
	for (let code = 32; code < 127; code++) {
		const console = opened(undefined, stack(stopped)).press(String.fromCodePoint(code));
		t.deepEqual(console.effects.filter(effect => effect.type === 'run/claim' || effect.type === 'run/cancel'), [], String.fromCodePoint(code));
	}
});

test('y on a painted card claims the target with the exact command of the card', t => {
	const console = cardReady().send(yes());
	const request = claimOf(console.last);
	t.is(request?.script, 'set -e\ndocker-compose up -d api\n');
	t.is(request?.directory, '/opt/mestres-do-cafe');
	t.is(request?.lock, 'mestres-do-cafe/api');
	t.is(request?.environment['COMPOSE_PROJECT_NAME'], 'mestres-do-cafe');
	t.is(console.state.view.overlay?.kind, 'run');
});

test('Enter and Esc never run a card', t => {
	for (const key of ['enter', 'escape', 'q', ' ']) {
		t.is(claimOf(cardReady().press(key).effects), undefined, key);
	}
});

test('y does nothing before the card was painted, within 300 ms after, or beside other keys in its chunk', t => {
	const unpainted = opened(undefined, stack(stopped)).press('U').send({type: 'compose/compared', action: 'start-api', services: []}, yes());
	t.is(claimOf(unpainted.effects), undefined);
	t.is(claimOf(cardReady().send(yes(startMs + 299)).effects), undefined);
	t.is(claimOf(cardReady().send({...yes(), alone: false} as Event).effects), undefined);
});

test('y waits until compose has said what would be recreated', t => {
	const console = opened(undefined, stack(stopped)).press('U').send({type: 'card/painted', action: 'start-api', atMs: startMs}, yes());
	t.is(claimOf(console.effects), undefined);
	t.is(console.state.view.flash?.params['trouble'], 'comparing');
});

test('a card that would recreate the database asks for the target by name, and y alone then runs it', t => {
	const console = opened(undefined, stack(stopped)).press('U')
		.send({type: 'compose/compared', action: 'start-api', services: ['db']}, {type: 'card/painted', action: 'start-api', atMs: startMs}, yes());
	t.is(claimOf(console.effects), undefined);
	t.is(console.state.view.prompt?.purpose, 'confirm-target');
	console.press('a', 'p', 'i', 'enter');
	t.is(claimOf(console.effects), undefined, 'the name alone does not run it');
	t.is(claimOf(console.send(yes(startMs + 1000)).effects), undefined, 'the armed card must be painted first');
	console.send({type: 'card/painted', action: 'start-api', atMs: startMs + 1000});
	t.not(claimOf(console.send(yes(startMs + 1400)).effects), undefined);
});

test('a read-only console runs nothing', t => {
	const console = cardReady(opened(newState({readOnly: true}), stack(stopped))).send(yes());
	t.is(claimOf(console.effects), undefined);
	t.is(console.state.view.flash?.code, 'read-only');
});

test('a second action on the same target is refused while one runs', t => {
	const console = cardReady().send(yes()).press('escape', 'R').send({type: 'card/painted', action: 'restart-api', atMs: startMs + 1000}, yes(startMs + 2000));
	t.is(console.effects.filter(effect => effect.type === 'run/claim').length, 1);
});

test('a refused claim is told with its holder', t => {
	const console = cardReady().send(yes());
	const id = claimOf(console.effects)!.id;
	console.send({type: 'action/refused', id, code: 'busy', holder: 'bia', detail: ''});
	t.deepEqual(console.state.runs[0]?.refusal, {code: 'busy', holder: 'bia', detail: ''});
	t.true(typesOf(console.last).includes('action/refused'));
});

const run = () => {
	const console = cardReady().send(yes());
	const request = claimOf(console.effects)!;
	return {console, request, id: request.id};
};

test('an action is verified by three good answers in a row after its command ended, and the verdict goes to the journal', t => {
	const {console, request, id} = run();
	console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs + 500, outcome: null}});
	console.until(startMs + 2000, apiDown);
	console.send({type: 'run/ended', id, outcome: {exitCode: 0, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs + 500, endedAtMs: startMs + 2500, leftRunning: []}});
	console.until(startMs + 5000, (name, atMs) => atMs < startMs + 4000 ? apiDown(name, atMs) : good(atMs));
	t.is(console.state.runs[0]?.phase, 'verifying');
	t.is(console.state.runs[0]?.good, 2);
	console.until(startMs + 6000, allGood);
	t.is(console.state.runs[0]?.verdict, 'recovered');
	const verdict = draftsOf(console.effects).find(draft => draft.type === 'action/verified');
	t.is(verdict?.data['seconds'], 3.5);
	t.false(console.effects.some(effect => effect.type === 'run/discard'), 'until the verdict is stored the run\'s files are its only record');
	const {draftId, onceKey: _, actor, ...draft} = verdict!;
	console.send({type: 'journal/stored', draftIds: [draftId], entries: [{...draft, sequence: 99, monotonicMs: 0, bootId: '', actor: actor ?? ana}]});
	t.deepEqual(console.last, [{type: 'run/discard', id}]);
});

test('a death in between begins the count anew', t => {
	const {console, request, id} = run();
	console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	console.send({type: 'run/ended', id, outcome: {exitCode: 0, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs, endedAtMs: startMs + 500, leftRunning: []}});
	console.until(startMs + 2000, allGood);
	console.send({type: 'container/happened', event: {kind: 'died', id: stack()[0]!.id, service: 'api', oneOff: false, exitCode: 1, health: null, atMs: startMs + 2100}});
	console.until(startMs + 4000, allGood);
	t.is(console.state.runs[0]?.verdict, null);
	console.until(startMs + 5000, allGood);
	t.is(console.state.runs[0]?.verdict, 'recovered');
	t.is(console.state.runs[0]?.deathsAfter, 1);
});

test('sixty seconds without recovery is not recovered, and silence is cannot tell', t => {
	for (const [answers, verdict] of [[true, 'not-recovered'], [false, 'cannot-tell']] as const) {
		const {console, request, id} = run();
		console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}}, {type: 'run/ended', id, outcome: null});
		for (let second = 1; second <= 61; second++) {
			console.send({type: 'clock/ticked', nowMs: startMs + (second * 1000)});
			if (answers) {
				console.send({type: 'ping/answered', name: 'api', answer: bad(startMs + (second * 1000))});
			}
		}

		t.is(console.state.runs[0]?.verdict, verdict);
		t.true(console.state.runs[0]?.lost);
	}
});

test('a command that failed is not recovered by the pings that were good before it', t => {
	const {console, request, id} = run();
	console.until(startMs + 3000, allGood);
	console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	console.send({type: 'run/ended', id, outcome: {exitCode: 1, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs, endedAtMs: startMs + 3500, leftRunning: []}});
	t.is(console.state.runs[0]?.verdict, null);
	t.is(console.state.runs[0]?.good, 0);
});

test('cancelling asks first and is a y of its own', t => {
	const {console, request, id} = run();
	console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	console.press('ctrl-c');
	t.false(console.effects.some(effect => effect.type === 'run/cancel'), 'Ctrl-C never cancels');
	console.press('escape');
	t.is(console.state.view.overlay, null);
	const shown = drive({...console.state, view: {...console.state.view, overlay: {kind: 'run', id, scroll: 0, cancelAskedAtMs: null}}});
	shown.press('C').send(yes(startMs + 500));
	t.deepEqual(shown.last.filter(effect => effect.type === 'run/cancel'), [{type: 'run/cancel', id, how: 'now'}]);
});

test('the incident opens by itself when the condition has held for a minute, from the instant that a death proves', t => {
	const console = opened(undefined, stack({api: {...stopped.api, finishedAtMs: startMs - 20_000}}));
	console.until(startMs + 39_000, apiDown);
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'suspected');
	console.until(startMs + 41_000, apiDown);
	t.is(console.state.incident?.outage.sinceMs, startMs - 20_000);
	t.deepEqual([console.state.incident?.outage.source, console.state.incident?.outage.atLeast], ['container', false]);
});

test('without a proof of health or a death the outage is at least since the first failed ping', t => {
	const console = opened().until(startMs + 62_000, apiDown);
	t.deepEqual(console.state.incident?.outage, {sinceMs: startMs + 1000, source: 'ping', atLeast: true});
});

test('after a proof of health the first failed ping is the start', t => {
	const console = opened().until(startMs + 10_000, allGood).until(startMs + 80_000, apiDown);
	t.deepEqual(console.state.incident?.outage, {sinceMs: startMs + 11_000, source: 'ping', atLeast: false});
});

test('a minute of trouble that heals in between opens nothing', t => {
	const console = opened().until(startMs + 50_000, apiDown).until(startMs + 55_000, allGood).until(startMs + 100_000, apiDown);
	t.is(console.state.incident, null);
});

test('escalation is due ten minutes after the outage began: banner and one bell, also when the console opens late', t => {
	const late = opened(undefined, stack({api: {...stopped.api, finishedAtMs: startMs - 1_200_000}})).until(startMs + 3000, apiDown);
	t.true(escalationNow(late.state)?.due);
	t.is(bannersOf(late.state)[0]?.code, 'escalation-due');
	t.is(late.effects.filter(effect => effect.type === 'terminal/bell').length, 1);
	late.until(startMs + 60_000, apiDown);
	t.is(late.effects.filter(effect => effect.type === 'terminal/bell').length, 1);
	t.is(typesOf(late.effects).filter(type => type === 'escalation/prompted').length, 1);
});

test('green checks mitigate, falling back reopens the same incident, a key resolves it', t => {
	const console = opened(undefined, stack(stopped)).until(startMs + 3000, apiDown);
	const id = console.state.incident?.id;
	console.until(startMs + 10_000, allGood);
	t.is(console.state.incident?.state, 'mitigated');
	console.until(startMs + 15_000, apiDown);
	t.is(console.state.incident?.state, 'open');
	console.until(startMs + 20_000, allGood).press('i', 'x');
	t.is(console.state.view.prompt?.purpose, 'resolve-reason', 'within the watching window a reason is wanted');
	console.press('escape').until(startMs + 322_000, allGood).press('x');
	t.is(console.state.incident, null);
	t.is(console.state.lastEnded?.id, id);
	t.is(console.state.lastEnded?.state, 'resolved');
	t.is(console.state.lastEnded?.endedBy, 'ana');
});

test('resolving while it still fails asks for a reason', t => {
	const console = opened(undefined, stack(stopped)).until(startMs + 3000, apiDown).press('i', 'x');
	t.is(console.state.view.prompt?.purpose, 'resolve-reason');
	t.is(console.press('enter').state.incident?.state, 'open');
	console.press('i', 'x', 'o', 'k', 'enter');
	t.is(console.state.incident, null);
});

test('a console without the lease records its own intents and no facts', t => {
	const console = opened(undefined, stack(stopped)).send({type: 'journal/leased', mine: false, holder: 'bia'}).until(startMs + 70_000, apiDown);
	t.deepEqual(typesOf(console.effects).filter(type => type !== 'console/opened'), []);
	console.press('m', 'o', 'i', 'enter');
	t.deepEqual(typesOf(console.last), ['note/added']);
});

test('on a shared account the acknowledging person is asked for her name once', t => {
	const console = opened(newState({askActor: true}), stack(stopped)).until(startMs + 3000, apiDown).press('a');
	t.is(console.state.view.prompt?.purpose, 'actor');
	console.press('b', 'i', 'a', 'enter');
	t.is(console.state.incident?.acknowledgedBy, 'bia');
	t.is(console.state.actorAsked, false);
});

test('secrets do not reach the journal', t => {
	const console = opened().press('m', ...'DATABASE_URL=postgresql://u:hunter2@db/x API_TOKEN=abc123', 'enter');
	const note = draftsOf(console.last)[0];
	t.regex(String(note?.data['text']), /postgresql|redacted/);
	t.notRegex(JSON.stringify(note), /hunter2|abc123/);
});

test('a paste presses no key, and fills a prompt as one line of safe text', t => {
	const pasted = opened(undefined, stack(stopped)).send({type: 'text/pasted', text: 'U\ny\n'.repeat(2500), atMs: startMs});
	t.is(pasted.state.view.overlay, null);
	const prompt = opened().press('m').send({type: 'text/pasted', text: 'a\u001B[2Jb\nc', atMs: startMs});
	t.is(prompt.state.view.prompt?.text, 'ab c');
});

test('Esc never quits, q leaves from the main screen, Ctrl-C asks', t => {
	t.deepEqual(opened().press('escape', 'escape', 'escape').effects.filter(effect => effect.type === 'console/quit'), []);
	t.true(opened().press('q').state.leaving);
	const asked = opened().press('ctrl-c');
	t.false(asked.state.leaving);
	t.true(asked.press('y').state.leaving);
});

test('in a terminal that is too small keys change nothing', t => {
	const small = opened(undefined, stack(stopped)).send({type: 'screen/resized', columns: 20, rows: 8}).press('U', 'y', 'm', 'z');
	t.is(small.state.view.overlay, null);
	t.is(small.state.view.prompt, null);
});

test('a second outage after the watching window is an incident of its own, within it the same one without the green time', t => {
	const late = opened(undefined, stack(stopped)).until(startMs + 3000, apiDown).until(startMs + 10_000, allGood);
	const first = late.state.incident?.id;
	late.until(startMs + 400_000, allGood).until(startMs + 403_000, apiDown);
	t.is(late.state.incident, null);
	t.deepEqual([late.state.lastEnded?.id, late.state.lastEnded?.state], [first, 'resolved']);
	late.until(startMs + 470_000, apiDown);
	t.is(late.state.incident?.outage.sinceMs, startMs + 401_000);
	const soon = opened(undefined, stack(stopped)).until(startMs + 3000, apiDown).until(startMs + 103_000, allGood).until(startMs + 113_000, apiDown);
	t.is(soon.state.incident?.state, 'open');
	t.is(downMs(soon.state.incident!, soon.state.nowMs), 200_000 + 113_000 - soon.state.incident!.greenMs);
	t.true(soon.state.incident!.greenMs > 95_000);
});

test('what failed since the last tick of the clock, and was on the screen when the incident was ended, does not open the next one', t => {
	const console = opened(undefined, stack(stopped)).send(...['api', 'nginx'].flatMap(name => [300, 600].map((lateMs): Event => ({type: 'ping/answered', name, answer: bad(startMs + lateMs)}))));
	t.is(console.state.incident?.state, 'open');
	console.press('i', 'c', 'o', 'k', 'enter');
	t.is(console.state.lastEnded?.endedAtMs, startMs);
	t.is(console.until(startMs + 200_000, (name, atMs) => name === 'api' || name === 'nginx' ? bad(atMs) : good(atMs)).state.incident, null);
});

test('a false alarm that is ended before every ping has answered stays ended: an answer that only comes later is the same failure', t => {
	const down = (atMs: number): Event => ({type: 'ping/answered', name: 'api', answer: bad(atMs)});
	const console = opened(undefined, stack(stopped)).send(down(startMs), down(startMs + 1000), down(startMs + 2000));
	console.send({type: 'clock/ticked', nowMs: startMs + 3000, monotonicMs: 3000});
	t.is(console.state.incident?.state, 'open');
	console.press('i', 'c', 'o', 'k', 'enter');
	t.is(console.state.lastEnded?.state, 'cancelled');
	console.until(startMs + 200_000, (name, atMs) => name === 'api' || name === 'nginx' ? bad(atMs) : good(atMs));
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'suspected');

	// What was good and then fails is news.
	console.until(startMs + 300_000, (name, atMs) => name === 'nginx' ? good(atMs) : bad(atMs)).until(startMs + 500_000, (name, atMs) => name === 'redis' ? good(atMs) : bad(atMs));
	t.is(console.state.incident?.state, 'open');
});

test('an incident that a person opened while all pings are green stays open until she ends it', t => {
	const console = opened().until(startMs + 60_000, allGood).press('i', 'o').until(startMs + 120_000, allGood);
	t.is(console.state.incident?.state, 'open');
	t.is(console.press('i', 'x', 'o', 'k', 'enter').state.incident, null);
});

test('another project on the screen: nothing known, opened or running for the one before is taken for its own', t => {
	const console = cardReady(opened(undefined, stack(stopped)).until(startMs + 3000, apiDown)).send({type: 'project/found', facts: {...shop, name: 'other', directory: '/opt/other'}, candidates: []});
	const {state} = console;
	t.deepEqual([state.incident, state.runs, state.drift.drift.state, state.view.overlay, state.journal.state], [null, [], 'unknown', null, 'opening']);
	t.true(state.situation.pings.every(ping => ping.last === null));
	t.is(claimOf(console.send(yes()).effects), undefined);
});

test('of several projects none is taken by itself: the console asks once, shows what was chosen, and does not ask again who left the question', t => {
	const ambiguous = {type: 'project/undecided', candidates: [shop, {...shop, name: 'other', directory: '/opt/other'}]} as const;
	const asked = drive(newState()).send(ambiguous);
	t.deepEqual(asked.state.view.overlay, {kind: 'projects', cursor: 0});
	t.deepEqual(asked.press('down', 'enter').effects.at(-1), {type: 'project/choose', name: 'other'});

	const left = asked.press('escape').send(ambiguous);
	t.is(left.state.view.overlay, null);
	t.is(left.press('p').state.view.overlay?.kind, 'projects');
});

test('a card opened again asks compose again, and what could not be compared is not called harmless', t => {
	const again = cardReady().press('escape', 'U').send({type: 'card/painted', action: 'start-api', atMs: startMs}, yes());
	t.is(claimOf(again.effects), undefined);
	const failed = opened(undefined, stack(stopped)).press('U').send({type: 'compose/notCompared', action: 'start-api', detail: 'late'}, {type: 'card/painted', action: 'start-api', atMs: startMs}, yes());
	t.is(claimOf(failed.effects), undefined);
	t.is(failed.state.view.prompt?.purpose, 'confirm-target');
});

test('a step of the wall clock moves nothing but the clock: no outage begins, ends or grows by it', t => {
	for (const stepMs of [3_600_000, -3_600_000]) {
		const console = opened().until(startMs + 10_000, allGood);
		console.send({type: 'clock/ticked', nowMs: startMs + 11_000, monotonicMs: 11_000}, {type: 'clock/ticked', nowMs: startMs + 12_000 + stepMs, monotonicMs: 12_000});
		t.is(console.state.situation.healthyAtMs, startMs + 10_000 + stepMs);
		t.true(typesOf(console.effects).includes('clock/stepped'));
		console.until(startMs + 15_000 + stepMs, apiDown);
		t.is(console.state.incident, null);
		t.is(standing(console.state), 'suspected');
	}
});

test('after a stop of minutes a verification waits for a fresh answer instead of judging by old ones', t => {
	const {console, request, id} = run();
	console.send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}}, {type: 'run/ended', id, outcome: {exitCode: 0, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs, endedAtMs: startMs + 500, leftRunning: []}});
	console.until(startMs + 2000, allGood).send({type: 'clock/ticked', nowMs: startMs + 100_000});
	t.is(console.state.runs[0]?.verdict, null);
	console.until(startMs + 101_000, allGood);
	t.is(console.state.runs[0]?.verdict, 'recovered');
});

test('replaying the journal gives the incident that was on the screen', t => {
	const console = opened(undefined, stack(stopped)).until(startMs + 3000, apiDown).press('a', 'm', 'o', 'k', 'enter').until(startMs + 20_000, allGood).until(startMs + 25_000, apiDown);
	const entries: JournalEntry[] = draftsOf(console.effects).map(({draftId, onceKey: _, actor, ...draft}) => ({...draft, sequence: draftId, monotonicMs: 0, bootId: '', actor: actor ?? ana}));
	t.deepEqual(replay(entries).current, console.state.incident);
	const stored = console.send({type: 'journal/stored', entries, draftIds: entries.map(entry => entry.sequence)});
	t.deepEqual(stored.state.pending, []);
	t.deepEqual(stored.state.incident, replay(entries).current);
});

test('update never throws, whatever comes in whatever order', t => {
	const keys = ['U', 'R', 'W', 'y', 'q', 'escape', 'enter', 'tab', 'up', 'down', 'g', 'G', '/', '&', 'n', 'N', '.', ',', 'l', 's', 'z', 'i', 'a', 'm', 'e', 'o', 'x', 'v', 'u', 'c', 'C', ':', 'p', '1', '0', 'backspace', 'ctrl-u', 'page-up'];
	const event = fc.oneof(
		fc.constantFrom(...keys).map((key): Event => ({type: 'key/pressed', key, alone: true, atMs: startMs + 1000})),
		fc.nat(1_000_000).map((ms): Event => ({type: 'clock/ticked', nowMs: startMs + ms})),
		fc.record({name: fc.constantFrom('api', 'nginx', 'db', 'nobody'), ok: fc.boolean(), ms: fc.nat(100_000)}).map(({name, ok, ms}): Event => ({type: 'ping/answered', name, answer: ok ? good(startMs + ms) : bad(startMs + ms)})),
		fc.string().map((text): Event => ({type: 'text/pasted', text, atMs: startMs})),
		fc.record({columns: fc.nat(220), rows: fc.nat(70)}).map(({columns, rows}): Event => ({type: 'screen/resized', columns, rows})),
		fc.constant<Event>({type: 'containers/listed', containers: [], atMs: startMs}),
		fc.constant<Event>({type: 'containers/listed', containers: stack(stopped), atMs: startMs}),
		fc.constant<Event>({type: 'engine/lost', failure: {code: 'engine-hung', detail: '' as never}, atMs: startMs}),
		fc.constant<Event>({type: 'compose/compared', action: 'start-api', services: []}),
		fc.record({down: fc.boolean(), pending: fc.boolean(), empty: fc.boolean(), ms: fc.nat(100_000)}).map(({down, pending, empty, ms}): Event => ({type: 'alerts/prometheusRead', reading: {
			atMs: startMs + ms, skewMs: 0, series: {ok: true, value: empty ? [] : [{instance: '' as never, up: !down}]}, targets: {ok: false, failure: {code: 'not-found', detail: '' as never}},
			rule: {ok: true, value: pending ? null : {forMs: 1, lastError: '' as never, alerts: down ? [{state: 'firing', activeAtMs: startMs + ms, keepFiringSinceMs: null}] : []}},
		}})),
		fc.constant<Event>({type: 'alerts/alertmanagerRead', reading: {atMs: startMs, skewMs: 0, alerts: [{startsAtMs: startMs, isSuppressed: false, silencedBy: [], inhibitedBy: []}]}}),
		fc.constant<Event>({type: 'silence/stored', incident: 'INC-20260118-030405', silence: {id: 's' as never, endsAtMs: startMs + 60_000}, matchers: [], extended: false}),
		fc.constant<Event>({type: 'card/painted', action: 'start-api', atMs: startMs}),
	);
	fc.assert(fc.property(fc.array(event, {maxLength: 60}), events => {
		let {state} = opened();
		for (const one of events) {
			({state} = update(state, one));
		}

		return state.runs.length <= 20;
	}), {numRuns: 300});
	t.pass();
});

test('what is wrong is judged right after the first frame, which is not held up by it', t => {
	const console = opened({...newState(), awaitsFrame: true}, stack(stopped)).until(startMs + 3000, apiDown);
	t.deepEqual(console.state.findings, []);
	console.send({type: 'screen/drawn'});
	t.is(console.state.findings[0]?.code, 'service-stopped');
});

test('$ lends the terminal to a shell in the selected container, from the host\'s pane on the host, and the record says so', t => {
	const shellOf = (console: ReturnType<typeof opened>) => console.last.find(effect => effect.type === 'console/shell');
	const console = opened().press('$');
	t.like(shellOf(console), {place: {kind: 'container', service: 'api'}});
	const place = shellOf(console)!.place;
	console.send({type: 'shell/closed', place, spanMs: 9700, exitCode: 0, detail: ''});
	t.deepEqual(console.state.pending.filter(({type}) => type.startsWith('shell/')).map(({type, data}) => [type, data['service']]), [['shell/opened', 'api'], ['shell/closed', 'api']]);
	t.like(shellOf(opened().press('tab', 'tab', '$')), {place: {kind: 'host', directory: shop.directory}});
	const failed = opened().press('$').send({type: 'shell/closed', place, spanMs: 3, exitCode: null, detail: 'spawn docker ENOENT'});
	t.like(failed.state.view.flash, {code: 'shell-failed', level: 'warning'});
});

test('$ opens nothing where it must not: read-only, in a drill, in a container that does not run', t => {
	for (const [console, code] of [[opened(newState({readOnly: true})), 'read-only'], [opened({...newState(), drill: true}), 'shell-drill'], [opened(undefined, stack(stopped)), 'shell-not-running']] as const) {
		console.press('$');
		t.false(console.last.some(effect => effect.type === 'console/shell'));
		t.is(console.state.view.flash?.code, code);
	}
});

