/**
The words of a runbook, in Portuguese and English: what a heading is the role of, which comment is a condition or an alternative, which label is the
severity. Numbers, emoji, accents and case are ignored. Hides the vocabulary; whoever adds a language adds it here.
*/

export type RunbookRole =
	| 'alert' | 'description' | 'impact' | 'diagnosis' | 'resolution' | 'scenario' | 'rollback' | 'escalation' | 'after' | 'quick' | 'contacts' | 'history' | 'prevention' | 'other';

// eslint-disable-next-line no-control-regex
const plainAscii = /^[\u0000-\u007F]*$/;

/** Lower case, without accents, emoji, or marks at the edges; single spaces. */
export const fold = (text: string): string => plainAscii.test(text)
	// Three quarters of a page: without Unicode's classes a fifth of the time.
	? text.toLowerCase().replaceAll(/[^a-z\d/#<>_.:,'-]+/g, ' ').trim()
	: text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^\p{L}\p{N}/#<>_.:,'-]+/gu, ' ').trim();

/** Letters and digits of ASCII joined by `-`: a name for what a text calls itself. */
export const slugOf = (text: string): string => (plainAscii.test(text) ? text : text.normalize('NFD').replaceAll(/\p{M}/gu, ''))
	.toLowerCase().replaceAll(/[^a-z\d]+/g, '-').replace(/^-/, '').replace(/-$/, '').slice(0, 48) || 'x';

/** A heading without its number: `2.1) Check` is `check`, `Cenário 3: x` stays. */
const bare = (heading: string): string => fold(heading).replace(/^(?:(?:passo|etapa|step|section|secao|parte|part)\s+)?[\d.]+[).:\s-]*\s*/, '').replace(/[:.\s-]+$/, '');

const scenarioWords = /^(?:cenario|scenario|caso|case|situacao|situation|problema|problem|issue|playbook)\b[\s#.:-]*(\d+)?\b[\s).:-]*(.*)$/;

/** What a heading means. First match counts; `anywhere` rules are tried after those for a beginning. */
const roles: readonly (readonly [RunbookRole, RegExp])[] = [
	['alert', /^(?:informac\w+ d[oe] alerta|alert(?:a|e)?(?: (?:information|info|details|informacoes))?|about (?:the |this )?alert|sobre o alerta|detalhes do alerta|trigger|gatilho|metadata|metadados)$/],
	['history', /^(?:historico|history|incident history|past incidents|previous incidents|incidentes (?:anteriores|passados)|changelog)\b/],
	['after', /^(?:when it is over|once it is over|wrap[\s-]?up|afterwards|aftermath|quando (?:acabar|terminar|passar)|pos[\s-]?inciden\w*|post[\s-]?inciden\w*|apos (?:o |resolver|a resoluc)\w*|after(?: the| resol)?\b.*|post[\s-]?mortem|encerramento|closing|follow[\s-]?up|depois do incidente)\b/],
	['rollback', /^(?:rollback|roll(?:ing)?[\s-]back|going back|reverter|reversao|revert|voltar (?:a |para ).*versao|back out|backout|undo)\b/],
	['escalation', /^(?:escalonamento|escalacao|escalar|escalad\w+|escalate|escalation|quando escalar|when to escalate)\b/],
	['quick', /^(?:comandos (?:rapidos|uteis)|quick (?:commands|reference|actions)|useful commands|cheat[\s-]?sheet|handy commands|atalhos|comandos)\b/],
	['contacts', /^(?:contat\w+|contact\w*|quem (?:chamar|ligar|acionar)|who to (?:call|page)|on[\s-]?call|plantao|telefones|phone numbers)\b/],
	['impact', /^(?:impact\w*)\b/],
	['description', /^(?:descricao|description|resumo|summary|overview|visao geral|sobre|about|o que (?:e|aconteceu)|what (?:is|it means|this)|tl[;\s]*dr|meaning|significado|context\w*)\b/],
	['prevention', /^(?:prevencao|preven\w+|como evitar|avoiding)\b/],
	['diagnosis', /^(?:diagnos\w+|investiga\w*|triage\w*|triagem|checks?|verifica\w*|troubleshoot\w*|analise|analysis|initial checks|first (?:checks|steps|things|aid|look)|primeir[ao]s (?:verificacoes|passos)|where to look|onde olhar|what to check|o que verificar|symptoms?|sintomas?|how to (?:check|investigate|diagnose)|como (?:verificar|investigar|diagnosticar))\b/],
	['resolution', /^(?:resolu\w+|resolver|soluc\w+|solution\w*|fix(?:es|ing)?|mitiga\w+|remedia\w+|correc\w+|recovery|recuperacao|acoes|actions|resolve|remedies|how to fix|como resolver)\b/],
];

/** The role of a heading by its words alone; `scenario` with its number when it has one. */
export const roleOfHeading = (heading: string): {readonly role: RunbookRole; readonly scenario: number | null; readonly name: string} => {
	const folded = bare(heading);
	const scenario = scenarioWords.exec(folded);
	if (scenario !== null && (scenario[1] !== undefined || scenario[2] !== '')) {
		return {role: 'scenario', scenario: scenario[1] === undefined ? null : Number(scenario[1]), name: nameAfterColon(heading)};
	}

	const role = roles.find(([, pattern]) => pattern.test(folded))?.[0] ?? 'other';
	return {role, scenario: null, name: heading.trim()};
};

/** `Cenário 3: Falta de Recursos` is `Falta de Recursos`. */
const nameAfterColon = (heading: string): string => {
	const match = /^[^:–—]*?\d*\s*(?:[:–—]|\s-\s|\))\s*(.+)$/u.exec(heading.trim());
	return match?.[1]?.trim() ?? heading.trim();
};

/** A number that the heading itself begins with: `2. Errors at start` is 2. */
export const numberOfHeading = (heading: string): number | null => {
	const number = Number(/^\D{0,3}?(\d{1,2})\s*[).:–-]/u.exec(fold(heading))?.[1]);
	return Number.isInteger(number) && number > 0 ? number : null;
};

// ─── comments of a fence ─────────────────────────────────────────────────────

/** `Se pouca memória, reiniciar …`: the condition of the comment, or null. */
export const conditionOf = (comment: string): string | null => {
	const match = /^\s*(?:se|caso|quando|if|when|in case)\s+(.+)$/iu.exec(comment);
	if (match === null) {
		return null;
	}

	const whole = match[1]!.trim();
	return (/^(.*?)[,:;]\s+\S/u.exec(whole)?.[1] ?? whole).replace(/[:：]$/, '');
};

/** `Ou usar …`, `Or use …`, `Alternatively …`. */
export const isAlternative = (comment: string): boolean => /^\s*(?:ou|or|alternativamente|alternatively|como alternativa|as an alternative)\b/iu.test(comment);

export const isHintHeading = (comment: string): boolean => /\b(?:problemas? comuns?|common (?:problems?|causes?|errors?)|causas? comuns?|o que procurar|what to look for|look(?:ing)? for|procur\w+|observe|nota|note)\b/i.test(fold(comment));

export type ConditionKind = 'low-memory' | 'disk-full' | 'high-cpu' | 'no-answer' | 'migrations' | 'dependencies' | 'database' | 'redis' | 'container-paused' | 'container-stopped' | 'no-return' | 'other';

const conditions: readonly (readonly [ConditionKind, RegExp])[] = [
	['disk-full', /\b(?:disco|disk|inodes?|espaco|space)\b/],
	['low-memory', /\b(?:memoria|memory|ram|oom|swap)\b/],
	['high-cpu', /\b(?:cpu|processador|load)\b/],
	['migrations', /\b(?:migra\w+|schema|alembic)\b/],
	['dependencies', /\b(?:dependenc\w+|pacotes?|packages?|requirements|modules?|modulos?)\b/],
	['redis', /\b(?:redis|cache)\b/],
	['database', /\b(?:banco|database|postgres\w*|db)\b/],
	['container-paused', /\b(?:paus\w+|frozen|congelad\w+)\b/],
	['container-stopped', /\b(?:parad[oa]s?|stopped|exited|down|caid[oa]s?|(?:nao )?esta rodando|(?:not )?running|does the api run)\b/],
	['no-answer', /\b(?:nao responde\w*|not respond\w*|no (?:response|answer)|unresponsive|timeout)\b|\bdoes ?n.?t (?:answer|respond)\b/],
	['no-return', /\b(?:nao voltar|does not come back|persist\w*|still)\b/],
];

/** What a condition is about, so that it can be answered from what the console sees. */
export const conditionKind = (condition: string): ConditionKind => conditionKinds(condition)[0] ?? 'other';

/** All that a sentence is about: `problems with database/redis?` asks two things. */
export const conditionKinds = (sentence: string): readonly ConditionKind[] => {
	const folded = fold(sentence);
	return conditions.filter(([, pattern]) => pattern.test(folded)).map(([kind]) => kind);
};

/** The language that the headings speak. */
export const languageOfHeadings = (headings: readonly string[]): 'en' | 'pt-BR' | null => {
	const all = fold(headings.join(' '));
	const portuguese = (all.match(/\b(?:diagnostico|resolucao|cenario|impacto|contatos?|escalonamento|historico|prevencao|comandos|alerta|descricao|pos|incidentes?|acao|se|de|do|da)\b/g) ?? []).length;
	const english = (all.match(/\b(?:diagnosis|resolution|scenario|impact|contacts?|escalation|history|prevention|commands|alert|description|after|incidents?|the|of|to|and)\b/g) ?? []).length;
	return portuguese === english ? null : (portuguese > english ? 'pt-BR' : 'en');
};
