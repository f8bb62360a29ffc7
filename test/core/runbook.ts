/** The runbook that it all began with, as it stands: every command of it becomes what the table says, and nothing of it is left out. */

import {readFileSync} from 'node:fs';
import test from 'ava';
import {parseRunbookText} from '../../source/adapters/runbooks.ts';
import type {RunbookCard} from '../../source/core/runbook.ts';
import {pagesOf} from '../../source/core/runbook/pages.ts';
import {realClock} from '../helpers/real-clock.ts';

const text = readFileSync(new URL('../fixtures/runbooks/api-down.md', import.meta.url), 'utf8');
const runbook = await parseRunbookText(text, 'api-down.md');

/** What a card is, in a word: `log api 100`, `check port 5001`, `action start-api`, `wait 30`. */
const inWords = (card: RunbookCard): string => {
	const {kind, pane, check, action, waitMs} = card;
	const parts = kind === 'verification' ? ['verification'] : (kind === 'wait' ? ['wait', waitMs! / 1000] : (action !== null ? ['action', action] : (check !== null ? ['check', check.check, check.about] : (pane !== null
		? ['pane', pane.pane, ...('service' in pane ? [pane.service] : []), ...('depth' in pane ? [pane.depth ?? 'all', ...(pane.follow ? ['follow'] : [])] : [])]
		: [kind, card.risk]))));
	return parts.filter(part => part !== null && part !== '').join(' ');
};

/** Every command of the page, in its order, with its scenario (`-`: none) and what it has become. */
const table: ReadonlyArray<readonly [command: string, scenario: number | null, becomes: string]> = [
	['ssh deploy@production-server', null, 'pane here'],
	['docker-compose ps', null, 'pane containers'],
	['docker-compose logs --tail=100 api', null, 'pane log api 100'],
	['curl http://localhost:5001/api/health', null, 'pane health'],
	['netstat -tlnp | grep 5001', null, 'check port 5001'],
	['ps aux | grep gunicorn', null, 'check processes gunicorn'],
	['top', null, 'pane host'],
	['df -h', null, 'pane host'],
	['dmesg | tail', null, 'check system-log kernel docker'],
	['journalctl -u docker -n 50', null, 'check system-log kernel docker'],
	['docker-compose logs --tail=200 api', 1, 'pane log api 200'],
	['docker-compose up -d api', 1, 'action start-api'],
	['sleep 30', 1, 'wait 30'],
	['curl http://localhost:5001/api/health', 1, 'verification'],
	['docker-compose logs api', 2, 'pane log api all'],
	['cat .env | grep -v PASSWORD', 2, 'check environment .env'],
	['docker-compose exec db psql -U mestres_user -d mestres_cafe -c "SELECT 1;"', 2, 'check database db'],
	['docker-compose exec api flask db upgrade', 2, 'action migrate'],
	['docker-compose build --no-cache api', 2, 'action rebuild-api'],
	['docker-compose up -d api', 2, 'action rebuild-api'],
	['free -h', 3, 'pane host'],
	['docker-compose down redis', 3, 'action restart-redis'],
	['docker-compose up -d redis', 3, 'action restart-redis'],
	['df -h', 3, 'pane host'],
	['find /var/log -name "*.log" -mtime +7 -delete', 3, 'action delete-logs'],
	['docker system prune -a -f', 3, 'action prune'],
	['docker-compose ps nginx', 4, 'pane containers nginx'],
	['docker-compose exec nginx nginx -t', 4, 'check nginx-config nginx'],
	['docker network inspect mestres-do-cafe_default', 4, 'check network mestres-do-cafe_default'],
	['docker-compose exec nginx curl http://api:5001/api/health', 4, 'check reach nginx http://api:5001/api/health'],
	['docker-compose restart nginx', 4, 'action restart-nginx'],
	['git log --oneline -5  # Ver últimos commits', 0, 'action rollback-commit'],
	['git checkout <commit-anterior>', 0, 'action rollback-commit'],
	['docker-compose down', 0, 'action rollback-commit'],
	['docker-compose up -d --build', 0, 'action rollback-commit'],
	['docker-compose pull  # Remove para usar cache', 0, 'action rollback-image'],
	['docker-compose up -d api', 0, 'action rollback-image'],
	['./scripts/health-check.sh', null, 'change destructive'],
	['docker-compose restart api', null, 'action restart-api'],
	['docker-compose logs -f api', null, 'pane log api all follow'],
	['curl http://localhost:5001/api/health', null, 'pane health'],
];

test('every command of the page is on a card, and each card is what the console has for it', t => {
	t.deepEqual(runbook.cards.flatMap(card => card.rawLines.map(line => [line, card.scenario, inWords(card)])), table.map(row => [...row]));
	// What the table has is what the file has: only `cd` is left out, since she is there already.
	const written = [...text.matchAll(/^```bash\n([^]*?)^```/gm)].flatMap(([, inside]) => inside!.split('\n')).filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('cd '));
	t.deepEqual(table.map(([command]) => command), written);
});

test('each card that can be opened has a letter of its own on its page, and each page a way to it', t => {
	const pages = pagesOf(runbook);
	t.deepEqual(pages.map(({digit, name}) => [digit, String(name)]), [[null, 'Diagnóstico'], [1, 'Container Parado'], [2, 'Erro de Inicialização'], [3, 'Falta de Recursos'], [4, 'Problema de Rede'], [0, 'Rollback'], [null, 'Comandos Rápidos']]);
	for (const page of pages) {
		const letters = page.cards.filter(({card}) => card.kind !== 'hint').map(({letter}) => letter);
		t.false(letters.includes(null));
		t.is(new Set(letters).size, letters.length);
		t.notRegex(letters.join(''), /[cgjkoqry]/);
	}

	t.is(pages.flatMap(page => page.cards).length, runbook.cards.length);
});

test('conditions, alternatives, questions and hints are read from its words', t => {
	const conditions = runbook.cards.filter(card => card.condition !== null).map(card => [card.condition!.kind, card.condition!.text]);
	t.deepEqual(conditions, [['no-answer', 'não responder'], ['migrations', 'problema com migrations'], ['dependencies', 'problema com dependências'], ['low-memory', 'pouca memória'], ['disk-full', 'disco cheio'], ['disk-full', 'disco cheio']]);
	const [commit, image] = runbook.cards.filter(card => card.scenario === 0);
	t.is(image?.alternativeTo, commit?.id);
	t.deepEqual(commit?.placeholders, [{name: 'commit-anterior', variable: 'COMMIT_ANTERIOR'}] as never);
	t.true(commit?.script.includes('git checkout "${COMMIT_ANTERIOR}"'));
	t.deepEqual(runbook.cards.find(card => card.kind === 'hint')?.hints, ['Variáveis de ambiente faltando', 'Erro de conexão com banco de dados', 'Erro de sintaxe no código'] as never);
	t.is(runbook.sections.find(section => section.scenario === 2)?.problem as string, 'Container inicia mas fecha imediatamente');
	t.is(runbook.sections.find(section => section.hints.length > 0)?.hints.length, 3);
});

test('its facts are read too, and a placeholder number is no number', t => {
	const {facts} = runbook;
	t.like(facts, {alert: 'APIDown', severity: 'CRITICAL', expression: 'up{job="api"} == 0', durationMs: 60_000, team: 'Backend', escalateAfterMs: 600_000, updated: '2025-01-18', version: '1.0.0', owner: 'DevOps Team'});
	t.deepEqual(facts.contacts, [
		{role: 'Tech Lead', name: 'João Silva', reach: '+55 11 99999-9999', placeholder: false},
		{role: 'DevOps', name: 'Maria Santos', reach: '+55 11 88888-8888', placeholder: false},
		{role: 'On-Call', name: '', reach: 'PagerDuty +1-XXX-XXX-XXXX', placeholder: true},
	]);
	t.is(facts.escalationSteps.length, 4);
	t.is(facts.duties.length, 5);
	t.is(facts.impact.length, 4);
	t.deepEqual(facts.history.rows.map(row => row[2]), ['OOM Killer', 'Disco cheio'] as never);
	t.deepEqual(runbook.problems.map(({code, line}) => [code, line]), [
		['trap-environment', 104], ['trap-exec-terminal', 113], ['trap-down-service', 129], ['trap-prune', 137], ['trap-down-before-build', 173], ['placeholder-number', 220],
	]);
});

test('a wait among the contacts is when to escalate only where it says so', async t => {
	for (const [line, expected] of [
		['Depois das 22h, só por telefone.', null],
		['Vendor answers within 4 hours.', null],
		['Vendor answers within 30 minutes.', null],
		['Depois das 22h, quem não atende em 10 min passa a vez.', 600_000],
		['Das 8h às 18h no Slack; depois, sem resposta, escalar.', null],
		['Não atende depois de 22h.', null],
		['No answer after 15 minutes: call the next one.', 900_000],
		['Unanswered calls at 22h go to the lead after 5 min.', 300_000],
		['Escalar após 1 hora sem resposta.', 3_600_000],
		['Escalate after 2 hours.', null],
		['After 20 minutes without progress, page the next level.', 1_200_000],
	] as const) {
		t.is((await parseRunbookText(`# x\n\n## Contatos\n\n${line}\n\n- Lead: Ana - +55 11 4002-8922\n`, 'x.md')).facts.escalateAfterMs, expected, line);
	}

	// Under its own heading no word for it is needed, and an hour of the day is none either.
	t.is((await parseRunbookText('# x\n\n## Escalonamento\n\nDepois das 22h, após 2 horas:\n', 'x.md')).facts.escalateAfterMs, 7_200_000);
});

test('a severity in a sentence is one, or there is none', async t => {
	for (const [line, expected] of [
		['The severity depends on the hour.', null],
		['A severidade depende do horário.', null],
		['The severity highlights customer impact.', null],
		['Pages with severity **SEV1**.', 'SEV1'],
		['Opened with severity P-2, always.', 'P-2'],
		['Sempre com severidade crítica.', 'crítica'],
		['Fires (severity critical) at once.', 'critical'],
	] as const) {
		t.is((await parseRunbookText(`# x\n\n## Alert\n\n${line}\n`, 'x.md')).facts.severity as string | null, expected, line);
	}
});

test('a script of the project is judged by what it does, once its text is known', async t => {
	const {mkdtempSync, mkdirSync, writeFileSync, rmSync} = await import('node:fs');
	const {tmpdir} = await import('node:os');
	const directory = mkdtempSync(`${tmpdir()}/mdc-runbook-`);
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	mkdirSync(`${directory}/scripts`);
	writeFileSync(`${directory}/scripts/health-check.sh`, '#!/bin/bash\ndocker-compose ps\ncurl -fsS http://localhost:5001/api/health\n');
	const known = await parseRunbookText(text, 'api-down.md', {directory, clock: realClock});
	const card = known.cards.find(({rawLines}) => rawLines[0] === './scripts/health-check.sh');
	t.like(card, {kind: 'check', risk: 'read'});
});
