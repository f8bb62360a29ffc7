/** What the screen says of a drill: its briefing, its tour, and how it is marked. */

import type {Difficulty, DrillPage} from '../core/drill.ts';
import type {TourStep} from '../core/drill-run.ts';
import {defineArea, type Area, type Language} from './language.ts';

export const drillWords = defineArea({
	observed: 'by itself',
	briefing: 'Drill',
	how: 'Diagnosis names the cause and the key. The key opens a card, y carries it out, and the console checks. When health is back: i, then x. q ends it at any time.',
	howObserved: 'Watch: the console follows the first action of its own diagnosis. The keys that it presses stand in the first row.',
	firstTime: 'First time here? t shows you around the screen in a minute.',
	nextResolve: (key: string) => `On a server you would watch it for five minutes; in a drill Esc, ${key} and x end it now, and the debrief tells how it went.`,
	backToScreen: 'back to the screen',
	begins: 'begin',
	tour: 'tour of the screen',
	tourTitle: 'Tour',
	tourNext: 'next',
	tourBack: 'back',
	tourEnds: 'ends the tour',
	speed: (speed: string) => `time runs ${speed} times as fast`,
}, {
	observed: 'sozinho',
	briefing: 'Simulado',
	how: 'O Diagnóstico mostra a causa e a tecla. A tecla abre um cartão, y executa, e o console verifica. Com a saúde de volta: i, depois x. q encerra quando quiser.',
	howObserved: 'Observe: o console segue a primeira ação do próprio diagnóstico. As teclas que ele aperta aparecem na primeira linha.',
	firstTime: 'Primeira vez aqui? t mostra a tela inteira em um minuto.',
	nextResolve: key => `Num servidor você observaria por cinco minutos; no simulado Esc, ${key} e x já encerram, e a análise conta como foi.`,
	backToScreen: 'voltar à tela',
	begins: 'começar',
	tour: 'conhecer a tela',
	tourTitle: 'Tour',
	tourNext: 'próximo',
	tourBack: 'voltar',
	tourEnds: 'encerra o tour',
	speed: speed => `o tempo corre ${speed} vezes mais rápido`,
});

/** Each step of the tour: a heading and what is worth knowing. */
export const tourTexts: Area<Readonly<Record<TourStep, {readonly title: string; readonly text: string}>>> = {
	en: {
		welcome: {title: 'A minute around the screen', text: 'Everything here is simulated: nothing real is touched, no message is sent. Looking is free; only an upper-case key and then y changes something. Enter goes on, Esc ends the tour.'},
		header: {title: 'The first row', text: 'DRILL says that this is none. Then how bad it is, what is broken, who has taken it (a acknowledges); at the end how long customers have been hurt, and when to escalate.'},
		containers: {title: 'Containers', text: 'What runs and what does not, since when, how it died, CPU and memory. Arrows move, Enter opens one. Tab goes to the next pane, z enlarges it.'},
		health: {title: 'Health', text: 'The service itself is asked every two seconds. ✖ is a failed ping with its reason, the row behind it the last answers. This decides when it is over, not what Docker thinks.'},
		host: {title: 'Host', text: 'CPU, memory and disks of the server, and who uses them. A disk that fills says when it will be full.'},
		diagnosis: {title: 'Diagnosis', text: 'Look here first: the likeliest cause, the scenario of the runbook (its digit opens that page), the evidence, and behind → the keys that help, best first. Enter opens all the evidence.'},
		log: {title: 'Log', text: 'All services merged; l shows only the selected one. / searches, . and , jump between error lines, f follows. Health checks are folded away.'},
		card: {title: 'A key, a card, y', text: 'An upper-case key opens a card: the exact commands, what stands against it, what it would lose. Only y runs it, alone and a moment after you could read it. Esc always backs out.'},
		incident: {title: 'The record', text: 'i shows the incident with its clocks and timeline, m adds a note, e says whom to call. When health is back, i and then x ends it; the debrief then tells how it went.'},
		help: {title: 'That is all', text: '? lists every key, : finds every command by its name, r opens the runbook, q leaves. Now look at the diagnosis, and go.'},
	},
	'pt-BR': {
		welcome: {title: 'Um minuto pela tela', text: 'Tudo aqui é simulado: nada de verdade é tocado, nenhuma mensagem é enviada. Olhar é livre; só uma tecla maiúscula e depois y muda algo. Enter avança, Esc encerra o tour.'},
		header: {title: 'A primeira linha', text: 'SIMULADO diz que não é de verdade. Depois a gravidade, o que quebrou, quem assumiu (a assume); no fim há quanto tempo os clientes sofrem e quando escalonar.'},
		containers: {title: 'Containers', text: 'O que roda e o que não roda, desde quando, como morreu, CPU e memória. As setas movem, Enter abre um. Tab vai ao próximo painel, z amplia.'},
		health: {title: 'Saúde', text: 'O próprio serviço é perguntado a cada dois segundos. ✖ é um ping que falhou, com o motivo; ao lado, as últimas respostas. É isto que decide quando acabou, não o que o Docker acha.'},
		host: {title: 'Host', text: 'CPU, memória e discos do servidor, e quem os usa. Um disco que enche diz quando ficará cheio.'},
		diagnosis: {title: 'Diagnóstico', text: 'Olhe aqui primeiro: a causa mais provável, o cenário do runbook (o dígito abre a página), as evidências, e depois de → as teclas que ajudam, a melhor primeiro. Enter abre todas as evidências.'},
		log: {title: 'Log', text: 'Todos os serviços juntos; l mostra só o selecionado. / busca, . e , pulam entre linhas de erro, f acompanha. As verificações de saúde ficam recolhidas.'},
		card: {title: 'Uma tecla, um cartão, y', text: 'Uma tecla maiúscula abre um cartão: os comandos exatos, o que fala contra, o que se perderia. Só y executa, sozinho e um instante depois de dar para ler. Esc sempre desiste.'},
		incident: {title: 'O registro', text: 'i mostra o incidente com relógios e linha do tempo, m anota, e diz a quem ligar. Com a saúde de volta, i e depois x encerra; a análise final conta como foi.'},
		help: {title: 'É só isso', text: '? lista todas as teclas, : acha qualquer comando pelo nome, r abre o runbook, q sai. Agora olhe o diagnóstico, e vá.'},
	},
};

export const difficultyWords: Area<Readonly<Record<Difficulty, string>>> = {
	en: {easy: 'easy', medium: 'medium', hard: 'hard'},
	'pt-BR': {easy: 'fácil', medium: 'médio', hard: 'difícil'},
};

const outside: Area<Readonly<Record<Exclude<DrillPage, number>, string>>> = {
	en: {rollback: 'Rollback', dependency: 'Dependency', engine: 'Docker engine', none: 'No page'},
	'pt-BR': {rollback: 'Rollback', dependency: 'Dependência', engine: 'Docker', none: 'Sem página'},
};

/** The page of the runbook that a scenario is on. */
export const drillPageWords = (language: Language, page: DrillPage): string => typeof page === 'number' ? `${language === 'en' ? 'Scenario' : 'Cenário'} ${page}` : outside[language][page];
