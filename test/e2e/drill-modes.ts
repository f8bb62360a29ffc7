/** The built program where less can be shown: no colours, no Unicode, a dumb terminal; and in Portuguese. Nothing is told by colour alone. */

import {openDrill} from '../helpers/drill-screen.ts';
import {needs} from '../helpers/needs.ts';
import type {Terminal} from '../helpers/terminal.ts';

const inTerminal = needs('pty');

const colours = (terminal: Terminal): readonly string[] => terminal.cells().flat().filter(cell => cell.foreground !== null || cell.background !== null).map(cell => cell.text);
const outsideAscii = (screen: string): string => [...new Set(screen.replaceAll(/[\n -~]/g, ''))].join('');

const tellsWhatIsWrong = /APIDown[\s\S]*api +exited 0[\s\S]*api is stopped/;

inTerminal('with colours the trouble is coloured', async t => {
	const terminal = await openDrill(t);
	await terminal.until(tellsWhatIsWrong);
	t.true(colours(terminal).length > 0);
});

for (const [title, env, parameters] of [
	['NO_COLOR', {NO_COLOR: '1'}, []],
	['--no-color', {}, ['--no-color']],
	['TERM=vt220', {TERM: 'vt220'}, []],
	['TERM=vt220-m', {TERM: 'vt220-m'}, []],
] as const) {
	inTerminal(`${title}: not one coloured cell, and the same facts`, async t => {
		const terminal = await openDrill(t, {env, parameters});
		await terminal.until(tellsWhatIsWrong);
		t.deepEqual(colours(terminal), []);
		t.notRegex(terminal.received(), /\u001B\[[\d;]*\b(?:3[0-7]|4[0-7]|38|48|9[0-7])[\d;]*m/);
	});
}

for (const [title, env, parameters] of [
	['--ascii', {}, ['--ascii']],
	['LANG=C', {LANG: 'C'}, []],
	['TERM=linux', {TERM: 'linux'}, []],
	['TERM=dumb', {TERM: 'dumb'}, []],
] as const) {
	inTerminal(`${title}: plain ASCII everywhere, and the same facts`, async t => {
		const terminal = await openDrill(t, {env, parameters});
		const screen = await terminal.until(tellsWhatIsWrong);
		t.is(outsideAscii(screen), '');
		for (const [key, shows] of [['?', 'Help'], ['i', 'Timeline'], ['e', 'Contacts'], ['U', 'docker-compose up -d api']] as const) {
			await terminal.press(key);
			await terminal.until(shows);
			t.is(outsideAscii(await terminal.until(text => !/\uFFFD/.test(text))), '', `after ${key}`);
		}
	});
}

for (const [title, env, parameters] of [
	['LANG=pt_BR.UTF-8', {LANG: 'pt_BR.UTF-8'}, []],
	['LC_ALL over LANG', {LANG: 'en_US.UTF-8', LC_ALL: 'pt_BR.UTF-8'}, []],
	['--language pt-BR', {}, ['--language', 'pt-BR']],
] as const) {
	inTerminal(`${title}: in Portuguese`, async t => {
		const terminal = await openDrill(t, {env, parameters});
		await terminal.until(/SIMULADO[\s\S]*Saúde[\s\S]*Diagnóstico/);
		await terminal.press('?');
		await terminal.until(/Ajuda/);
		await terminal.press('q');
		await terminal.until(screen => !screen.includes('Ajuda'));
		await terminal.press('q');
		t.is((await terminal.exited).exitCode, 0);
		await terminal.until('O simulado terminou; nada de verdade foi tocado.');
	});
}

inTerminal('--language en in a Portuguese locale is English', async t => {
	const terminal = await openDrill(t, {env: {LANG: 'pt_BR.UTF-8'}, parameters: ['--language', 'en']});
	await terminal.until(/Health[\s\S]*Diagnosis/);
	t.notRegex(terminal.screen(), /SIMULADO/);
});

inTerminal('with CI set each command that needs a terminal says so, exits 64 and sends no escape codes, in a terminal too', async t => {
	const {openTerminal} = await import('../helpers/terminal.ts');
	const {launcher} = await import('../helpers/drill-screen.ts');
	for (const parameters of [[], ['drill']]) {
		const terminal = await openTerminal(process.execPath, [launcher, ...parameters], {env: {CI: 'true'}});
		t.teardown(terminal.close);
		t.is((await terminal.exited).exitCode, 64);
		await terminal.until(/needs a terminal/);
		t.notRegex(terminal.received(), /\u001B/);
	}
});
