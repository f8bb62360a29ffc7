/** The escalation of a drill, by its keys in a real terminal: pretended services, plainly marked, and a text edited in place. */
import {openDrill} from '../helpers/drill-screen.ts';
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
