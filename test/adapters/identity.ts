import {spawnSync} from 'node:child_process';
import {hostname, userInfo} from 'node:os';
import test from 'ava';
import {createIdentity, isSharedAccount} from '../../source/adapters/identity.ts';

test('the actor is the login user on this host', async t => {
	const actor = await createIdentity({environment: {}, as: null});
	t.is(actor.user, userInfo().username);
	t.is(actor.name, actor.user);
	t.is(actor.host, hostname());
	t.is(actor.sudoUser, null);
	t.is(actor.from, null);
});

test('the person behind sudo and the SSH client are named', async t => {
	const actor = await createIdentity({environment: {SUDO_USER: 'ana', SSH_CONNECTION: '203.0.113.7 50222 198.51.100.2 22'}, as: null});
	t.is(actor.name, 'ana');
	t.is(actor.sudoUser, 'ana');
	t.is(actor.from, '203.0.113.7');
	t.is((await createIdentity({environment: {SSH_CONNECTION: 'fe80::1%eth0 1 fe80::2 22'}, as: null})).from, 'fe80::1%eth0');
});

test('what the person says of herself goes first, and no control character comes through', async t => {
	t.is((await createIdentity({environment: {SUDO_USER: 'ana'}, as: 'Bia Souza'})).name, 'Bia Souza');
	const actor = await createIdentity({environment: {SUDO_USER: 'a\u001B[2Jna', SSH_CONNECTION: '\u001B]0;x\u0007'}, as: '\u202Eeve\n'});
	t.is(actor.name, 'eve');
	t.is(actor.sudoUser, 'ana');
	t.is(actor.from, null);
});

test('an empty name says nothing', async t => {
	t.is((await createIdentity({environment: {}, as: '  '})).name, userInfo().username);
});

test('sudo to oneself is no second person', async t => {
	t.is((await createIdentity({environment: {SUDO_USER: userInfo().username}, as: null})).sudoUser, null);
});

test('the terminal is the one on standard input', t => {
	const code = `import {createIdentity} from ${JSON.stringify(new URL('../../source/adapters/identity.ts', import.meta.url).href)};
console.log('tty=' + (await createIdentity({environment: {}, as: null})).tty);`;
	const node = [process.execPath, '--import=tsx', '--input-type=module', '-e', code];
	const piped = spawnSync(node[0]!, node.slice(1), {input: '', encoding: 'utf8'});
	t.regex(piped.stdout, /tty=null/);
	const quoted = node.map(word => `'${word.replaceAll('\'', String.raw`'\''`)}'`).join(' ');
	const terminal = spawnSync('script', ['-qec', quoted, '/dev/null'], {encoding: 'utf8'});
	t.regex(terminal.stdout, /tty=\/dev\/pts\/\d+/);
});

test('accounts that several people use are recognised', t => {
	for (const user of ['root', 'deploy', 'ubuntu', 'admin', 'ec2-user', 'debian', 'Ubuntu', 'deploy-shop', 'svc_web', 'shop-deploy']) {
		t.true(isSharedAccount(user), user);
	}

	for (const user of ['ana', 'joao.silva', 'bia', 'deployment-lead-ana', 'rooty']) {
		t.false(isSharedAccount(user), user);
	}
});
