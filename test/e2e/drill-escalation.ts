/** The escalation of a drill, by its keys in a real terminal: pretended services, plainly marked, and a text edited in place. */
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {openDrill} from '../helpers/drill-screen.ts';
import {serveService} from '../helpers/http-services.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const drill = needs('pty');

drill('a drill sends to nobody, says so, and takes the edited text', async t => {
	const terminal = await openDrill(t, {columns: 80, rows: 24, parameters: ['--language', 'pt-BR']});
	await terminal.press('e');
	await terminal.until(/Escalonamento · INC-.*\n.*vence em/);
	await terminal.press('j');
	await terminal.until(/›○ PagerDuty/);
	await terminal.press('enter');
	await terminal.until(/SIMULADO: um serviço de mentira/);
	await terminal.press('t');
	await terminal.until(/Editando\. Esc termina/);
	await terminal.press(...' yq');
	terminal.paste('colado');
	await terminal.until(/ yqcolado/);
	await terminal.press('escape');
	await terminal.until(/É exatamente isto que sai/);
	await until(async () => {
		await terminal.press('y');
		return terminal.until(/Escalonamento · INC-/, 1500).then(() => true, () => false);
	}, {everyMs: 400, describe: () => terminal.screen()});
	await terminal.until(/● PagerDuty .*aceito/, 20_000);
	t.regex(await terminal.until(/drill: pretended/), /pretended, nothing was sent \(pagerduty\)/);
	await terminal.press('g', 'enter');
	await terminal.until(/Para dizer, quando atenderem/);
	await terminal.press('l');
	await terminal.until(/● Telefone .*deixado recado/);
	await terminal.press('s');
	await terminal.until(/adiar, 10 min ou/);
	await terminal.press(...'5m teste', 'enter');
	await terminal.until(/Adiado por 5 min|adiado 0[45]:/);
});

drill('with real services configured none of them hears of a drill: no message, no question to an alert source, no command, no timer', async t => {
	const service = await serveService(t);
	const home = mkdtempSync(path.join(tmpdir(), 'mdc-drill-home-'));
	t.teardown(() => {
		rmSync(home, {recursive: true, force: true});
	});
	mkdirSync(path.join(home, '.config/mdc-console'), {recursive: true});
	const ran = path.join(home, 'ran');
	const key = path.join(home, 'pagerduty.key');
	writeFileSync(key, 'a-real-key-of-32-characters-12345', {mode: 0o600});
	writeFileSync(path.join(home, '.config/mdc-console/mdc-console.yaml'), `escalation:
  unattended: [pagerduty]
  channels:
    pagerduty: {routing-key: {file: ${key}}, url: "${service.url}"}
    slack: {token: {env: KEY}, url: "${service.url}"}
    statuspage: {api-key: {env: KEY}, page: abcdef, url: "${service.url}"}
    hook: {url: "${service.url}/hook", signing-key: {env: KEY}}
    command: {run: [/bin/sh, -c, "echo ran >> ${ran}"]}
alerts:
  prometheus: {url: "${service.url}"}
  alertmanager: {url: "${service.url}"}
`, {mode: 0o600});
	const terminal = await openDrill(t, {columns: 120, rows: 40, env: {HOME: home, XDG_CONFIG_HOME: undefined, KEY: 'a-real-key-of-32-characters-12345'}});
	await terminal.press('a');
	for (const [row, name] of ['PagerDuty', 'Slack', 'Status page'].entries()) {
		await terminal.press('e');
		await terminal.until(/Escalation · INC-/);
		await terminal.press('g', ...Array.from({length: row + 1}, () => 'j'));
		await terminal.until(new RegExp(`›. ${name}`));
		await terminal.press('enter');
		await terminal.until(/DRILL: a pretended service; nothing leaves this machine/);
		await until(async () => {
			await terminal.press('y');
			return terminal.until(/Escalation · INC-/, 1500).then(() => true, () => false);
		}, {everyMs: 400, describe: () => terminal.screen()});
		await terminal.until(new RegExp(`● ${name} .*accepted`), 20_000);
		await terminal.press('escape');
	}

	await terminal.press('q');
	await terminal.exited;
	t.deepEqual(service.asked, []);
	t.false(existsSync(ran));
});
