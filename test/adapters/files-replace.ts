/** Replacing a file that people keep: whole, with its owner and mode, and only while it is what was read. */
import {chmodSync, chownSync, linkSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {readForReplacing, replaceText} from '../../source/adapters/files/replace.ts';

const isRoot = process.getuid?.() === 0;

const fileIn = (t: ExecutionContext, content: string | Uint8Array = 'old ação\r\n'): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-replace-'));
	t.teardown(() => {
		chmodSync(directory, 0o700);
		rmSync(directory, {recursive: true, force: true});
	});
	const file = path.join(directory, 'runbook.md');
	writeFileSync(file, content);
	return file;
};

test('it is replaced whole, and keeps mode and owner', async t => {
	const file = fileIn(t);
	chmodSync(file, 0o664);
	if (isRoot) {
		chownSync(file, 1234, 4321);
	}

	const read = await readForReplacing(file);
	t.true(read.ok);
	t.deepEqual(await replaceText(file, (read as Extract<typeof read, {ok: true}>).value, 'new'), {ok: true, value: null});
	t.is(readFileSync(file, 'utf8'), 'new');
	t.is(statSync(file).mode & 0o7777, 0o664);
	if (isRoot) {
		t.deepEqual([statSync(file).uid, statSync(file).gid], [1234, 4321]);
	}

	t.deepEqual(readdirSync(path.dirname(file)), ['runbook.md']);
});

test('what was changed since it was read stays as it is', async t => {
	const file = fileIn(t);
	const read = await readForReplacing(file);
	writeFileSync(file, 'somebody else\'s');
	t.like(await replaceText(file, (read as Extract<typeof read, {ok: true}>).value, 'new'), {ok: false, code: 'changed'});
	t.is(readFileSync(file, 'utf8'), 'somebody else\'s');
	t.deepEqual(readdirSync(path.dirname(file)), ['runbook.md']);
});

test('a link, a second name, a directory, bytes that are no UTF-8, nothing at all: each is refused', async t => {
	const file = fileIn(t);
	const beside = (name: string): string => path.join(path.dirname(file), name);
	symlinkSync(file, beside('link.md'));
	t.deepEqual(await readForReplacing(beside('link.md')), {ok: false, code: 'symlink', rawDetail: file});
	t.like(await readForReplacing(path.dirname(file)), {ok: false, code: 'not-a-file'});
	t.like(await readForReplacing(beside('none.md')), {ok: false, code: 'missing'});
	t.like(await readForReplacing(fileIn(t, new Uint8Array([0x61, 0xFF, 0x62]))), {ok: false, code: 'not-utf8'});
	t.like(await readForReplacing(fileIn(t, 'a\0b')), {ok: false, code: 'not-utf8'});
	linkSync(file, beside('second.md'));
	t.like(await readForReplacing(file), {ok: false, code: 'hard-links'});
});

test('where the directory takes no file nothing is written', async t => {
	if (isRoot) {
		t.pass('root may write everywhere');
		return;
	}

	const file = fileIn(t);
	const read = await readForReplacing(file);
	chmodSync(path.dirname(file), 0o500);
	t.like(await replaceText(file, (read as Extract<typeof read, {ok: true}>).value, 'new'), {ok: false, code: 'denied'});
});
