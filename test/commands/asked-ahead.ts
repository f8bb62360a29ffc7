/** What is asked before anybody looks: each answer is given once, and never for another project. */
import test from 'ava';
import {askedAhead} from '../../source/commands/asked-ahead.ts';
import type {ContainersPort, ProjectFacts} from '../../source/core/ports.ts';

const shop = {name: 'shop'} as ProjectFacts;

/** A port that says how often it was asked for what, and numbers its answers. */
const countingPort = (projects: readonly ProjectFacts[] = [shop]): {readonly port: ContainersPort; readonly asked: string[]} => {
	const asked: string[] = [];
	const port = {
		async engine() {
			asked.push('engine');
			return {ok: true, value: {version: String(asked.length)}};
		},
		async projects() {
			asked.push('projects');
			return {ok: true, value: projects};
		},
		async containers(name: string) {
			asked.push(`containers ${name}`);
			return {ok: true, value: [{id: `${name} ${asked.length}`}]};
		},
	} as unknown as ContainersPort;
	return {port, asked};
};

const chooseOnly = (projects: readonly ProjectFacts[]): string | null => projects.length === 1 ? projects[0]!.name : null;

test('everything is asked at once, and the first who asks is not made to wait for a second question', async t => {
	const {port, asked} = countingPort();
	const ahead = askedAhead(port, chooseOnly);
	await ahead.projects();
	const first = await ahead.containers('shop');
	t.deepEqual([await ahead.engine(), first], [{ok: true, value: {version: '1'}}, {ok: true, value: [{id: 'shop 3'}]}] as never);
	t.deepEqual(asked, ['engine', 'projects', 'containers shop']);
	await ahead.engine();
	await ahead.projects();
	t.notDeepEqual(await ahead.containers('shop'), first, 'the second time the engine is asked');
	t.deepEqual(asked.slice(3), ['engine', 'projects', 'containers shop']);
});

test('the list of another project than the one that was guessed is never given', async t => {
	const {port, asked} = countingPort();
	t.deepEqual(await askedAhead(port, chooseOnly).containers('other'), {ok: true, value: [{id: 'other 4'}]} as never);
	t.deepEqual(asked, ['engine', 'projects', 'containers shop', 'containers other']);
});

test('with several projects and none named nobody guesses', async t => {
	const {port, asked} = countingPort([shop, {name: 'blog'} as ProjectFacts]);
	await askedAhead(port, chooseOnly).containers('blog');
	t.deepEqual(asked, ['engine', 'projects', 'containers blog']);
});
