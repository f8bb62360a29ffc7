/** What is left after an incident, and several people at one: rules, keys, and what becomes of the record. */
import test from 'ava';
import {dutiesOf, openDuties} from '../../source/core/duties.ts';
import {replay} from '../../source/core/incident.ts';
import type {JournalEntry, JournalPlace} from '../../source/core/ports.ts';
import {bannersOf} from '../../source/core/screen.ts';
import {emptyText} from '../../source/core/text.ts';
import type {Effect} from '../../source/core/state.ts';
import {dutiesNow, dutiesToRemind} from '../../source/core/update-duties.ts';
import {othersHere} from '../../source/core/responders.ts';
import {bad, drive, good, newState, opened as openedConsole, stack, startMs} from '../helpers/facts.ts';

const stopped = {api: {state: 'exited' as const, exitCode: 1, health: 'none' as const, finishedAtMs: startMs - 70_000}};
const apiDown = (name: string, atMs: number) => name === 'api' ? bad(atMs) : (name === 'nginx' ? bad(atMs, 'status') : good(atMs));
const allGood = (_name: string, atMs: number) => good(atMs);
const draftsOf = (effects: readonly Effect[]) => effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []);
const typesOf = (effects: readonly Effect[]): readonly string[] => draftsOf(effects).map(({type}) => type);

test('the runbook\'s own duties are known by their words, in both languages, and the post-mortem counts by its own minutes', t => {
	const portuguese = ['Documentar causa raiz', 'Atualizar runbook se necessário', 'Criar issue para prevenir recorrência', 'Revisar logs e métricas', 'Realizar post-mortem se downtime > 15min', 'Avisar o suporte'];
	const long = dutiesOf(portuguese, {}, 15 * 60_000 + 1);
	t.deepEqual(long.map(({kind}) => kind), ['cause', 'runbook', 'issue', 'review', 'post-mortem', 'other']);
	t.is(openDuties(long).length, 6);
	t.is(openDuties(dutiesOf(portuguese, {}, 15 * 60_000)).length, 5);
	t.deepEqual(dutiesOf(['Hold the post mortem if it was down for more than 2 h', 'Update the playbook'], {}, 3_600_000).map(({kind, required}) => [kind, required]), [['post-mortem', false], ['runbook', true]]);
	t.deepEqual(dutiesOf(['Escrever o post-mortem em até 48h'], {}, 0).map(({kind, required}) => [kind, required]), [['post-mortem', true]], 'a deadline is no condition');
	t.deepEqual(dutiesOf(null, {}, 0).map(({id, text, required}) => [id, text, required]), [['cause', null, true], ['runbook', null, true], ['issue', null, true], ['review', null, true], ['post-mortem', null, false]]);
	t.deepEqual(dutiesOf(['Criar issue A', 'Criar issue B'], {}, 0).map(({id}) => id), ['issue', 'issue-2']);
});

const entry = (sequence: number, type: string, data: JournalEntry['data'] = {}, name = 'ana'): JournalEntry =>
	({sequence, atMs: sequence * 1000, monotonicMs: 0, bootId: '', actor: {name, user: 'deploy', sudoUser: null, host: 'h', tty: null, from: null}, incident: 'INC-1', type, data});

test('duties are marked after the end too; done stays done, what was waived may be done after all', t => {
	const {ended} = replay([
		entry(1, 'incident/opened'), entry(2, 'runbook/frozen', {duties: ['Documentar causa raiz', 'Avisar']}), entry(3, 'lead/taken', {}, 'bia'), entry(4, 'incident/resolved'),
		entry(5, 'duty/waived', {duty: 'cause', reason: 'known'}, 'bia'), entry(6, 'duty/done', {duty: 'cause', note: 'a leak'}), entry(7, 'duty/waived', {duty: 'cause', reason: 'no'}), entry(8, 'duty/done', {duty: '__proto__'}), entry(9, 'incident/closed'),
	]);
	t.is(ended[0]!.lead, 'bia');
	t.deepEqual(ended[0]!.dutyTexts, ['Documentar causa raiz', 'Avisar']);
	t.deepEqual(ended[0]!.duties['cause'], {state: 'done', by: 'ana', atMs: 6000, note: 'a leak'});
	t.is(ended[0]!.closedAtMs, 9000);
	t.is(ended[0]!.state, 'closed');
});

const resolved = () => openedConsole(undefined, stack(stopped)).until(startMs + 3000, apiDown).until(startMs + 12_000, allGood).press('i', 'x', 'o', 'k', 'enter');

test('duties are worked off from the list, and the incident is closed with the last one', t => {
	const console = resolved();
	t.is(console.state.incident, null);
	t.is(dutiesToRemind(console.state), 4);
	console.press('i', 'p');
	t.is(console.state.view.overlay?.kind, 'duties');
	console.press('x', ...'a leak', 'enter');
	t.like(draftsOf(console.last)[0], {type: 'duty/done', incident: console.state.lastEnded!.id, data: {duty: 'cause', note: 'a leak'}});
	console.press('x');
	t.is(console.state.view.prompt, null, 'done stays done');
	console.press('j', 'w', 'enter');
	t.deepEqual(typesOf(console.last), [], 'waiving wants a reason');
	console.press('w', ...'none', 'enter');
	t.like(draftsOf(console.last)[0], {type: 'duty/waived', data: {duty: 'runbook', reason: 'none'}});
	console.press('j', 'x', 'enter', 'j', 'x', 'enter').until(startMs + 14_000, allGood);
	t.is(dutiesToRemind(console.state), 0);
	t.is(typesOf(console.effects).filter(type => type === 'incident/closed').length, 1);
	t.not(console.state.lastEnded?.closedAtMs, null);
	t.deepEqual(dutiesNow(console.state).map(({mark}) => mark?.state ?? null), ['done', 'waived', 'done', 'done', null]);
});

test('a false alarm leaves no duties', t => {
	const console = openedConsole(undefined, stack(stopped)).until(startMs + 3000, apiDown).press('i', 'c', 'o', 'k', 'enter');
	t.is(dutiesToRemind(console.state), 0);
	console.press('i', 'p');
	t.is(console.state.view.overlay?.kind, 'incident');
	t.is(console.state.view.flash?.code, 'no-duties');
});

test('the lead is taken by a key, once, and on a shared account by name', t => {
	const console = openedConsole(undefined, stack(stopped)).until(startMs + 3000, apiDown).press('i', 't');
	t.deepEqual(typesOf(console.last), ['lead/taken']);
	t.is(console.state.incident?.lead, 'ana');
	t.is(console.press('t').state.view.flash?.code, 'lead-mine');
	const shared = openedConsole(newState({askActor: true}), stack(stopped)).until(startMs + 3000, apiDown).press('i', 't');
	t.is(shared.state.view.prompt?.purpose, 'lead-name');
	shared.press('b', 'i', 'a', 'enter');
	t.is(shared.state.incident?.lead, 'bia');
});

test('the others who are here are told once each, and not oneself', t => {
	const one = {user: 'deploy', from: null, tty: null, sinceMs: startMs};
	const {state} = drive(newState()).send({type: 'journal/leased', mine: true, holder: null, present: [{...one, name: 'ana', isMe: true}, {...one, name: 'bia', isMe: false}, {...one, name: 'bia', isMe: false}, {...one, name: 'ana', isMe: false}]});
	t.deepEqual(othersHere(state).map(({name}) => name), ['bia']);
});

test('a note that is being typed is kept without its secrets, and let go when it is written or given up', t => {
	const keptOf = (effects: readonly Effect[]) => effects.flatMap(effect => effect.type === 'typed/keep' ? [effect.texts.map(({text}) => text).join()] : []);
	const console = openedConsole().press('m', 'o', 'i');
	t.deepEqual(keptOf(console.effects), ['o', 'oi']);
	t.deepEqual(keptOf(console.press('enter').last), ['']);
	t.deepEqual(keptOf(console.press('m', 'x', 'escape').last), ['']);
	console.press('m').send({type: 'text/pasted', text: 'API_TOKEN=abc123def456', atMs: startMs});
	t.notRegex(String(keptOf(console.last)[0]), /abc123/);
});

test('what was being typed when the line was cut is offered, and m goes on with it', t => {
	const console = openedConsole().send({type: 'journal/leased', mine: true, holder: null, typed: [{place: 'note', text: 'it is the dep'}]});
	t.is(console.state.view.flash?.code, 'text-kept');
	console.press('m', 'l', 'o', 'y', 'enter');
	t.like(draftsOf(console.effects).find(({type}) => type === 'note/added'), {data: {text: 'it is the deploy'}});
	const busy = openedConsole().press('m', 'n', 'o').send({type: 'journal/leased', mine: true, holder: null, typed: [{place: 'note', text: 'other'}]});
	t.is(busy.state.view.prompt?.text, 'no', 'never over what is typed now');
});

test('a journal that lies elsewhere than it should, or was put aside as damaged, is said above all panes', t => {
	const failure = (code: 'denied' | 'malformed' | 'not-found', params = {}) => ({code, detail: emptyText, params});
	const bannerOf = (place: JournalPlace): unknown => bannersOf(drive(newState()).send({type: 'journal/opened', place, entries: []}).state).map(({code}) => code).filter(code => code.startsWith('journal'));
	t.deepEqual(bannerOf({path: '/home/ana/x.sqlite', kind: 'own', failure: failure('denied')}), ['journal-own']);
	t.deepEqual(bannerOf({path: '/home/ana/x.sqlite', kind: 'own', failure: failure('not-found')}), [], 'nobody has made a shared one');
	t.deepEqual(bannerOf({path: '/var/lib/x.sqlite', kind: 'shared', failure: failure('malformed', {movedTo: '/var/lib/x.sqlite.unreadable'})}), ['journal-aside']);
	t.deepEqual(bannerOf({path: '/var/lib/x.sqlite', kind: 'shared', failure: null}), []);
});
