/** What was typed and became nothing yet outlives the line: notes, reasons, the changed text of a message; each where it was typed, none twice, none in the record. */

import test from 'ava';
import {keptAtMost} from '../../source/core/kept-texts.ts';
import type {ChannelSettings} from '../../source/core/messengers.ts';
import type {KeptText} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import type {Effect} from '../../source/core/state.ts';
import {listedItems, paintNameOf} from '../../source/core/update-escalation.ts';
import {bad, good, newState, opened, startMs} from '../helpers/facts.ts';

const channels: readonly ChannelSettings[] = [{kind: 'slack', webhook: {env: 'KEY'}, token: null, channel: '#incidents', url: 'https://slack.com'}];
const apiDown = (name: string, atMs: number) => name === 'api' ? bad(atMs) : good(atMs);
const down = () => opened(newState({settings: {escalation: {...defaultSettings.escalation, channels}}})).until(startMs + 90_000, apiDown);
type Console = ReturnType<typeof down>;

const keptIn = (effects: readonly Effect[]): readonly KeptText[] | null => effects.flatMap(effect => effect.type === 'typed/keep' ? [effect.texts] : []).at(-1) ?? null;
const textOf = ({state: {view: {overlay}}}: Console): string => overlay?.kind === 'message' ? overlay.text : '';
const openSlack = (console: Console): Console => console.press('escape', 'escape', 'e', 'g', ...Array.from({length: listedItems(console.state).findIndex(({id}) => id === 'l1/slack')}, () => 'j'), 'enter');

/** The line is cut: what was kept comes to a new console. */
const again = (kept: readonly KeptText[]): Console => down().send({type: 'journal/leased', mine: true, holder: null, typed: kept});

test('the text of a message that is being edited is there again, in this console and in the next, until it is sent', t => {
	const console = openSlack(down());
	const made = textOf(console);
	console.press('t', ...' since the deploy');
	const place = `message ${console.state.incident!.id} l1/slack`;
	t.deepEqual(keptIn(console.effects), [{place, text: `${made} since the deploy`}]);
	t.is(textOf(openSlack(console)), `${made} since the deploy`, 'left with Esc, and opened again');

	const next = again(keptIn(console.effects)!);
	t.like(next.state.view.flash, {code: 'text-kept', params: {purpose: 'message', channel: 'slack'}});
	t.is(textOf(openSlack(next)), `${made} since the deploy`);
	next.send({type: 'card/painted', action: paintNameOf(next.state.view.overlay)!, atMs: next.state.nowMs}).send({type: 'key/pressed', key: 'y', alone: true, atMs: next.state.nowMs + 400});
	t.like(next.effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []).find(({type}) => type === 'message/drafted')?.data, {lines: `${made} since the deploy`.split('\n')});
	t.deepEqual(keptIn(next.effects), [], 'nothing is left to be kept');
});

test('u brings back the text that the console made', t => {
	const console = openSlack(down());
	const made = textOf(console);
	console.press('t', 'x', 'escape', 'u');
	t.is(textOf(console), made);
	t.deepEqual(keptIn(console.effects), []);
});

test('a reason is there again where it was typed, and nowhere else', t => {
	const console = down().press('e', 'g', 'w', ...'she is asl');
	const next = again(keptIn(console.effects)!).press('e', 'g', 'j', 'w');
	t.is(next.state.view.prompt?.text, '', 'another item');
	next.press('escape', 'g', 'w');
	t.is(next.state.view.prompt?.text, 'she is asl');
	t.deepEqual(keptIn(next.press('e', 'e', 'p', 'enter').effects), []);
	t.like(next.state.incident?.outbox['l1/phone-1'], {state: 'waived', words: 'she is asleep'});
	for (const keys of [['i', 'x'], ['i', 'c']]) {
		const ending = down().press(...keys, ...'the provider');
		t.is(again(keptIn(ending.effects)!).press(...keys).state.view.prompt?.text, 'the provider', keys.join());
	}
});

test('several texts are kept beside each other, without their secrets, and not without end', t => {
	const console = down();
	console.state.secrets.learn([{name: 'DB_PASSWORD', value: 'hunter2hunter2'}]);
	openSlack(console).press('t', ...' hunter2hunter2', 'escape', 'm', ...'and a note');
	t.is(keptIn(console.effects)?.length, 2);
	t.notRegex(JSON.stringify(keptIn(console.effects)), /hunter2/);
	const many = again(Array.from({length: 30}, (_, index) => ({place: `message INC-1 x/${index}`, text: 'x'})));
	t.is(many.press('m', 'x').state.view.kept.length, keptAtMost);
});

test('what comes from a file is taken for what it may be: text, of a place that is one', t => {
	const next = again([{place: 'confirm-target', text: 'mestres-do-cafe'}, {place: 'note', text: 'a\u001B[2Jb\nc'}]);
	t.deepEqual(next.state.view.kept, [{place: 'note', text: 'ab c'}]);
	t.is(next.press('m').state.view.prompt?.text, 'ab c');
});

test('what is found while something of one\'s own is kept is written down together with it', t => {
	const console = down().press('m', 'x', 'escape', 'i', 'c', 'y').send({type: 'journal/leased', mine: true, holder: null, typed: [{place: 'note', text: 'hers'}]});
	t.deepEqual(keptIn(console.last)?.map(({text}) => text), ['y', 'hers']);
	console.send({type: 'journal/leased', mine: true, holder: null, typed: [{place: 'note', text: 'of a third one'}]});
	t.deepEqual(keptIn(console.last)?.map(({text}) => text), ['y', 'hers'], 'what is here already stays, and lies on the disk again');
	t.is(console.state.view.prompt?.text, 'y', 'and what is typed now stays as it is');
});
