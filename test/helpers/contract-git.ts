/** The contract of GitPort, and of what the files know of the same checkout's past. */
import {answerOf, inWorld, valueOf, type MakeWorld, type Register} from './contract-world.ts';

export const testGitContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('commits come newest first, each whole, and the head is one of them', async (t, world) => {
		const facts = valueOf(await answerOf(world, world.git.look(world.directory)));
		t.true(facts.commits.length >= 2);
		t.true(facts.commits.some(({hash}) => hash === facts.head));
		t.is(facts.branch, 'main' as never);
		t.deepEqual(facts.commits.map(({atMs}) => atMs), facts.commits.map(({atMs}) => atMs).toSorted((a, b) => b - a));
		t.true(facts.commits.every(({hash, subject, author, files}) => /^[\da-f]{40}$/.test(hash) && subject !== '' && author !== '' && files >= 1));
		t.true(facts.commits.some(({migrations}) => migrations.length > 0 && migrations.every(file => file.includes('/migrations/'))), 'a migration is told as one');
	});

	test('what came onto the checkout last is its head', async (t, world) => {
		const facts = valueOf(await answerOf(world, world.git.look(world.directory)));
		const {commits, edits} = valueOf(await answerOf(world, world.files.deploys(world.directory, [])));
		t.is(commits[0]?.hash, facts.head);
		t.deepEqual(commits.map(({atMs}) => atMs), commits.map(({atMs}) => atMs).toSorted((a, b) => b - a));
		t.true(edits.every(({path, atMs}) => path !== '' && atMs > 0));
	});

	test('where there is no repository that is said, with the place', async (t, world) => {
		const outcome = await answerOf(world, world.git.look('/no/such/checkout'));
		t.is(outcome.ok ? null : outcome.failure.code, 'not-found');
	});
};
